"""How likely a declared event is within 30, 90 and 180 days; never of what nobody may guess at."""
