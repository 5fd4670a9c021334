"""How far a subject is with a life or business event (一件事)."""
