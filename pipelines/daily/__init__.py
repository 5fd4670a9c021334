"""The day's work: each step once a day, whatever broke off or failed before."""
