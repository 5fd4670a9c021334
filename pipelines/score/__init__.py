"""The city run: where every subject stands with every item on a day, as far as they may be told unasked."""
