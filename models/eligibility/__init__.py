"""What the rules decide: three-valued verdicts for one subject or a whole population, and why."""
