"""From what was ingested to what serving and training read."""
