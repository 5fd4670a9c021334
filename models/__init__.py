"""What is decided (eligibility, standing, progress, packages) and what is learned (affinity, forecasts, rank)."""
