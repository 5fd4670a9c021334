"""The catalogue: what the State offers and demands, on which conditions, by which law.

Imports nothing of ours.
"""
