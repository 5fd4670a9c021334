"""What is decided (eligibility, standings, progress, packages), and what is learned (affinity, forecasts)."""
