"""Our catalogue in other people's words."""
