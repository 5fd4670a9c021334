"""How much each public service will be asked for, by district and week, and how sure one can be of it."""
