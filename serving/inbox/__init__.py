"""The inbox: what a subject was told, live; where they are told, how often, and what they follow."""
