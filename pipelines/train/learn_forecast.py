"""`life-event-forecast`: how likely each declared event is within 30, 90 and 180 days."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping

from catalog.vocabulary import SubjectKind
from models.life_event_forecast.export import save_forecasters
from models.life_event_forecast.forecaster import KIND, LifeEventForecaster
from models.life_event_forecast.labels import load_labels
from models.life_event_forecast.risk import within
from models.life_event_forecast.training import ForecastData, TooFewOccurrences, backtest, fit_forecast
from pipelines.train.forecast_data import labels_of, learning_data
from pipelines.train.ground import Ground, NothingToLearnFrom
from pipelines.train.landmarks import landmarks
from pipelines.train.learned import PYFUNCS, Learned, TooLittleToLearn
from pipelines.train.recipe import FORECAST, Recipe
from privacy.aggregates import SMALLEST


def learn_forecast(grounds: Mapping[SubjectKind, Ground], recipe: Recipe, on: dt.date, seed: int) -> Learned:
    """Learn until the holdout begins, each kind of subject apart. Raises TooLittleToLearn if none can be."""
    until = on - dt.timedelta(days=recipe.holdout_days(FORECAST))
    found: dict[SubjectKind, LifeEventForecaster] = {}
    left_out: dict[str, str] = {}
    metrics: dict[str, float] = {}
    parameters: dict[str, str] = {}
    for kind, ground in grounds.items():
        labels = labels_of(load_labels(ground.catalogue), ground.catalogue, kind)
        try:
            data = learning_data(ground, labels, until, landmarks(ground.first_day, until))
            fitted = fit_forecast(data, labels, recipe.forecast, seed)
        except (TooFewOccurrences, NothingToLearnFrom) as few:
            left_out[str(kind)] = str(few)
            continue
        found[kind] = fitted.forecaster
        left_out |= {event: _seldom(count) for event, count in fitted.left_out.items()}
        longest = labels.horizons_days[-1]
        metrics[f"learned.{kind}.windows"] = float(data.windows.height)
        metrics[f"learned.{kind}.began_within_{longest}"] = float(data.windows[within(longest)].sum() or 0)
        metrics |= _backtested(data, recipe, kind, longest, seed)
        methods = [f"{h.days}: {h.calibration.method}" for h in fitted.forecaster.horizons]
        parameters[f"calibration.{kind}"] = ", ".join(methods)
    if not found:
        raise TooLittleToLearn("; ".join(f"{what}: {why}" for what, why in left_out.items()))
    kind, one = next(iter(found.items()))
    return Learned(
        model=FORECAST,
        kind=KIND,
        feature_service="life_event_v1",
        pyfunc=PYFUNCS / "life_event_forecast.py",
        save=lambda folder, manifest: save_forecasters(folder, found, manifest),
        trained_to=until,
        metrics=metrics,
        parameters=parameters,
        left_out=left_out,
        example={
            "kind": str(kind),
            "event": one.events[0],
            "traits": json.dumps(dict(name.split("=", 1) for name in one.indicators.names[:3])),
            "holdings": "[]",
            "signals": json.dumps({"searches_30": 0.69}),
        },
        answer={within(h.days): 0.1 for h in one.horizons},
    )


def _seldom(windows: int) -> str:
    """How often an event began, unless that would tell of a few people."""
    return f"began in {windows if windows >= SMALLEST else f'fewer than {SMALLEST}'} windows"


def _backtested(
    data: ForecastData, recipe: Recipe, kind: SubjectKind, days: int, seed: int
) -> dict[str, float]:
    """The longest horizon judged on later time: the holdout is too short for it to close."""
    try:
        found = backtest(data, days, recipe.forecast, seed)
    except TooFewOccurrences:
        return {}
    return {
        f"backtest.{kind}.{days}.expected_calibration_error": found.expected_calibration_error,
        f"backtest.{kind}.{days}.brier_skill": 1 - found.brier / max(found.brier_of_base_rate, 1e-12),
        f"backtest.{kind}.{days}.cases": float(found.cases),
    }
