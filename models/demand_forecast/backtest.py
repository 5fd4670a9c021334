"""Forecasts as they would have been made at past weeks, each by what was known then, beside what came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.demand_forecast.features import moving_average, seasonal_naive, targets_of
from models.demand_forecast.forecaster import fit_demand
from models.demand_forecast.intervals import Misses, measured
from models.demand_forecast.levels import LEVELS, Level, summed
from models.demand_forecast.panel import Floats, Panel

MODEL: Final = "model"
NAIVE: Final = "same week last year"
AVERAGE: Final = "13-week mean"


@dataclass(frozen=True, slots=True)
class Past:
    """One past forecast of all series: by method (series, horizons), and what came (NaN is not yet known)."""

    origin: int
    expected: Mapping[str, Floats]
    came: Floats


@dataclass(frozen=True, slots=True)
class Score:
    """How one method did at one level: lower is better, coverage should be what was said."""

    mean_absolute_error: float
    scaled_error: float
    """Over that of the same week last year."""
    coverage: float | None
    width: float | None
    """Of the interval, on average; None for methods without one."""
    forecasts: int


def rolled(panel: Panel, origins: Sequence[int], horizons: int, first: int, seed: int) -> tuple[Past, ...]:
    """A forecast at each origin from number `first` on, learned from nothing later than itself.

    Raises TooShort where there is too little before the first.
    """
    found = []
    for place, origin in enumerate(origins[first:], start=first):
        then = panel.known(origin)
        model = fit_demand(then, origins[:place], horizons, seed)
        expected = {
            MODEL: model.expected(then, origin),
            NAIVE: seasonal_naive(then, origin, horizons),
            AVERAGE: moving_average(then, origin, horizons),
        }
        found.append(Past(origin, expected, targets_of(panel, origin, horizons)))
    return tuple(found)


def misses_until(past: Sequence[Past], panel: Panel, week: int, level: Level) -> Misses:
    """The misses of the model at a level, as far as they were known at the end of a week.

    Raises ValueError where none was.
    """
    expected, came = [], []
    for one in past:
        known = max(min(week - one.origin, one.came.shape[1]), 0)
        expected.append(summed(one.expected[MODEL][:, :known], panel.series, level)[1].ravel())
        came.append(summed(one.came[:, :known], panel.series, level)[1].ravel())
    return measured(np.concatenate(expected), np.concatenate(came))


def scores(past: Sequence[Past], panel: Panel, warm_up: int = 2) -> dict[Level, dict[str, Score]]:
    """By level and method, over the forecasts after the first few, whose misses the intervals need."""
    return {level: _scored(past, panel, level, warm_up) for level in LEVELS}


def _scored(past: Sequence[Past], panel: Panel, level: Level, warm_up: int) -> dict[str, Score]:
    errors: dict[str, list[Floats]] = {}
    held: list[Floats] = []
    widths: list[Floats] = []
    for number, one in enumerate(past[warm_up:], start=warm_up):
        came = summed(one.came, panel.series, level)[1].ravel()
        known = np.isfinite(came)
        for method, expected in one.expected.items():
            told = summed(expected, panel.series, level)[1].ravel()
            errors.setdefault(method, []).append(np.abs(told - came)[known])
        told = summed(one.expected[MODEL], panel.series, level)[1].ravel()
        low, high = misses_until(past[:number], panel, one.origin, level).interval(told)
        held.append(((low <= came) & (came <= high))[known].astype(np.float64))
        widths.append((high - low)[known])
    mean = {method: float(np.concatenate(found).mean()) for method, found in errors.items()}
    return {
        method: Score(
            error,
            error / mean[NAIVE] if mean[NAIVE] > 0 else float("nan"),
            float(np.concatenate(held).mean()) if method == MODEL else None,
            float(np.concatenate(widths).mean()) if method == MODEL else None,
            sum(map(len, errors[method])),
        )
        for method, error in mean.items()
    }
