"""How well the models do: temporal, beside baselines, group by group."""
