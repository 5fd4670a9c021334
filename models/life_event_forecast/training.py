"""Fitting the forecast: early windows teach, later ones calibrate, and none of them overlap in time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from features.indicators import Indicators
from models.life_event_forecast.forecaster import HorizonModel, LifeEventForecaster
from models.life_event_forecast.holdings import Holdings
from models.life_event_forecast.labels import ForecastLabels
from models.life_event_forecast.risk import within
from models.life_event_forecast.signals import SIGNALS, EventItems
from models.logit.calibration import Reliability, fit_calibration, reliability
from models.logit.crossed import Cases, CrossedLogitConfig, fit_crossed

Bools = npt.NDArray[np.bool_]


WHOLE_YEAR: Final = np.timedelta64(365, "D")
NOT_SEASONAL: Final = np.asarray([float(not name.startswith("season_")) for name in SIGNALS])


class TooFewOccurrences(ValueError):
    """Not enough happened, within what is observed, to learn any event from; says how much there was."""


@dataclass(frozen=True, slots=True)
class ForecastConfig:
    """How the forecast is fitted."""

    logit: CrossedLogitConfig = field(default_factory=CrossedLogitConfig)
    least_occurrences: int = 15
    """Windows in which an event began that it takes to forecast it at all."""
    calibration_share: float = 0.3
    """Share of the landmarks, the latest, kept for calibration."""


@dataclass(frozen=True, slots=True, eq=False)
class ForecastData:
    """Windows at risk with what was known at their start."""

    windows: pl.DataFrame
    """event, subject, landmark, within_30 ... as `risk_windows` makes them."""
    cases: Cases
    """In the windows' order; groups index `items.events`."""
    items: EventItems
    indicators: Indicators
    holdings: Holdings


@dataclass(frozen=True, slots=True)
class FittedForecast:
    """A forecaster, and the events it had to leave out with how often they began."""

    forecaster: LifeEventForecaster
    left_out: dict[str, int]


def occurrences_by_event(data: ForecastData, labels: ForecastLabels) -> dict[str, int]:
    """Windows of the longest horizon with a known outcome in which each event began."""
    longest = within(labels.horizons_days[-1])
    counted = data.windows.filter(pl.col(longest)).group_by("event").len()
    return dict.fromkeys(data.items.events, 0) | dict(counted.iter_rows())


def fit_forecast(
    data: ForecastData, labels: ForecastLabels, config: ForecastConfig, seed: int
) -> FittedForecast:
    """One calibrated model a horizon over the events that began often enough.

    Raises TooFewOccurrences when no event did, or a horizon's windows do not reach far enough back.
    """
    counts = occurrences_by_event(data, labels)
    kept = [at for at, event in enumerate(data.items.events) if counts[event] >= config.least_occurrences]
    if not kept:
        raise TooFewOccurrences(
            f"no event began in {config.least_occurrences} windows or more: {counts}; add history"
        )
    items = _only(data.items, kept)
    place = np.full(len(data.items.events), -1, dtype=np.int32)
    place[kept] = np.arange(len(kept), dtype=np.int32)
    chosen = np.flatnonzero(place[data.cases.group] >= 0)
    taken = data.cases.take(chosen)
    cases = Cases(place[taken.group], taken.signals, taken.row, taken.indicators)
    windows = data.windows[chosen]
    horizons = tuple(
        _fit_horizon(windows, cases, days, items.events, config, seed) for days in labels.horizons_days
    )
    forecaster = LifeEventForecaster(items, data.indicators, data.holdings, horizons)
    left_out = {event: counts[event] for event in data.items.events if event not in items.events}
    return FittedForecast(forecaster, left_out)


def backtest(data: ForecastData, days: int, config: ForecastConfig, seed: int) -> Reliability:
    """One horizon refitted on early windows and judged on the latest, which close after all it saw.

    Raises TooFewOccurrences when the history is too short to teach, calibrate and judge in turn.
    """
    outcome = data.windows[within(days)]
    known = outcome.is_not_null().to_numpy()
    landmarks = data.windows["landmark"].to_numpy()
    first = _first_calibration_day(landmarks[known], config.calibration_share / 2)
    early = np.flatnonzero(known & (landmarks + np.timedelta64(days, "D") <= first))
    late = np.flatnonzero(known & (landmarks >= first))
    happened = outcome.fill_null(False).to_numpy()
    if not len(early) or not happened[late].any():
        raise TooFewOccurrences(f"too short a history to judge {days} days on later time")
    model = _fit_horizon(data.windows[early], data.cases.take(early), days, data.items.events, config, seed)
    said = model.calibration(model.logit.logits(data.cases.take(late)))
    return reliability(said, happened[late])


def _fit_horizon(
    windows: pl.DataFrame,
    cases: Cases,
    days: int,
    events: tuple[str, ...],
    config: ForecastConfig,
    seed: int,
) -> HorizonModel:
    outcome = windows[within(days)]
    known = outcome.is_not_null().to_numpy()
    landmarks = windows["landmark"].to_numpy()
    first = _first_calibration_day(landmarks[known], config.calibration_share)
    # A window that closes on or after the first calibration landmark shares days with calibration.
    closed = landmarks + np.timedelta64(days, "D") <= first
    teach, calibrate = known & closed, known & (landmarks >= first)
    happened = outcome.fill_null(False).to_numpy()
    for name, part in (("learning", teach), ("calibration", calibrate)):
        if not happened[part].any() or happened[part].all():
            raise TooFewOccurrences(
                f"the {days}-day horizon has {int(happened[part].sum())} occurrences in "
                f"{int(part.sum())} windows for {name}; a longer history is needed"
            )
    taught = cases.take(teach)
    if landmarks[teach].max() - landmarks[teach].min() < WHOLE_YEAR:
        # Less than a year tells season from trend no better than chance, and would carry it into the rest.
        taught = replace(taught, signals=taught.signals * NOT_SEASONAL)
    logit = fit_crossed(taught, happened[teach], events, config.logit, seed)
    calibration = fit_calibration(logit.logits(cases.take(calibrate)), happened[calibrate])
    return HorizonModel(days, logit, calibration)


def _first_calibration_day(landmarks: npt.NDArray[np.datetime64], share: float) -> np.datetime64:
    days = np.unique(landmarks)
    if not len(days):
        return np.datetime64(dt.date.max, "D")
    late = max(1, round(share * len(days)))
    return np.datetime64(days[-late], "D")


def _only(items: EventItems, kept: list[int]) -> EventItems:
    """The same items over some of the events, renumbered."""
    place = {old: new for new, old in enumerate(kept)}
    of_item = {
        item: tuple(place[event] for event in events if event in place)
        for item, events in items.of_item.items()
    }
    return EventItems(
        tuple(items.events[at] for at in kept),
        {item: events for item, events in of_item.items() if events},
        items.words,
    )
