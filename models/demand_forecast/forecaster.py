"""Expected weekly counts, learned over all series at once: a Poisson model, or boosted trees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np

from models.demand_forecast.features import rows_of, targets_of
from models.demand_forecast.panel import Floats, Panel

Form = Literal["linear", "trees"]
FORMS: Final[tuple[Form, ...]] = ("linear", "trees")
LEAST: Final = 1e-4


class TooShort(ValueError):
    """There are too few weeks to learn from; says how many."""


@dataclass(frozen=True, slots=True)
class DemandForecaster:
    """Expected counts of the weeks ahead."""

    form: Form
    model: Any
    horizons: int

    def expected(self, panel: Panel, origin: int) -> Floats:
        """(series, horizons) as of the end of a week; positive."""
        rows = rows_of(panel, origin, self.horizons)
        found = np.asarray(self.model.predict(rows), dtype=np.float64)
        return np.maximum(found, LEAST).reshape(len(panel.series), self.horizons)


def fit_demand(panel: Panel, origins: Sequence[int], horizons: int, seed: int) -> DemandForecaster:
    """Learn from the weeks after these origins; the form that told the last of them better is kept.

    Weeks not counted yet are left out. Raises TooShort below three origins with anything after them.
    """
    usable = [origin for origin in origins if origin + 1 < panel.weeks]
    if len(usable) < 3:
        raise TooShort(f"{len(usable)} week(s) can be learned from as origins; 3 are needed")
    features = [rows_of(panel, origin, horizons) for origin in usable]
    counts = [targets_of(panel, origin, horizons).ravel() for origin in usable]
    trial = {}
    for form in FORMS:
        model = _fitted(form, features[:-1], counts[:-1], seed)
        known = np.isfinite(counts[-1])
        told = np.maximum(model.predict(features[-1][known]), LEAST)
        trial[form] = float(np.mean(told - counts[-1][known] * np.log(told)))
    best = min(FORMS, key=lambda form: trial[form])
    return DemandForecaster(best, _fitted(best, features, counts, seed), horizons)


def _fitted(form: Form, features: Sequence[Floats], counts: Sequence[Floats], seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingRegressor
    from sklearn.linear_model import PoissonRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    rows, told = np.concatenate(features), np.concatenate(counts)
    known = np.isfinite(told)
    if form == "linear":
        model = make_pipeline(StandardScaler(), PoissonRegressor(alpha=1e-3, max_iter=300))
    else:
        model = HistGradientBoostingRegressor(
            loss="poisson", max_iter=80, learning_rate=0.08, max_leaf_nodes=15, min_samples_leaf=200,
            l2_regularization=1.0, early_stopping=False, random_state=seed,
        )  # fmt: skip
    # These are small fits: more threads only wait for each other.
    with threadpool_limits(limits=1):
        return model.fit(rows[known], told[known])
