"""The order of what the rules admit; nothing here can add, drop or move a duty."""
