"""`life-event-forecast` judged on the events that began after it was trained."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from catalog.vocabulary import SubjectKind
from models.life_event_forecast.forecaster import LifeEventForecaster
from models.life_event_forecast.labels import ForecastLabels, load_labels
from models.life_event_forecast.risk import within
from models.life_event_forecast.training import ForecastData
from models.logit.calibration import Reliability, reliability
from pipelines.evaluate.intervals import mean_by
from pipelines.evaluate.judge_affinity import NothingToJudgeOn
from pipelines.evaluate.judged import MODEL, Judged, Method
from pipelines.evaluate.slices import groups_of
from pipelines.evaluate.usual_rates import RATES, usual_rates
from pipelines.train.forecast_data import labels_of, scoring_data
from pipelines.train.ground import Ground

JUDGED_DAYS: Final = 90
"""The horizon whose windows close within the holdout; longer ones are judged by the backtest in training."""
K: Final = 3
Floats = npt.NDArray[np.float64]
Forecasters = Mapping[SubjectKind, LifeEventForecaster]


def judge_forecast(
    grounds: Mapping[SubjectKind, Ground],
    fitted: Mapping[str, Forecasters],
    version: str,
    until: dt.date,
    reference: str,
) -> Judged:
    """The version under MODEL in `fitted`, beside the others there and the usual rates of like subjects.

    A case is a subject; its value is one less its mean Brier score over the events it is at risk of.
    Raises NothingToJudgeOn when no event began in any window.
    """
    parts = [
        _Part.of(grounds[kind], kind, {n: f for n, f in fitted.items() if kind in f}, fitted, until)
        for kind in fitted[MODEL]
    ]
    outcome = np.concatenate([part.outcome for part in parts])
    if not outcome.any():
        raise NothingToJudgeOn(f"no event began within {JUDGED_DAYS} days of {until}")
    names = [MODEL, *(name for name in fitted if name != MODEL), RATES]
    methods = {}
    for name in names:
        said = np.concatenate([part.said[name] for part in parts])
        values = np.concatenate([part.values(name) for part in parts])
        reached = np.concatenate([part.reached(name) for part in parts])
        methods[name] = Method(values, reached, reliability(said, outcome).expected_calibration_error)
    reliabilities = {
        f"{part.kind}, {days} days": r for part in parts for days, r in part.reliabilities.items()
    }
    metrics = {
        f"{kind_days.replace(', ', '.').replace(' days', '')}.{name}": value
        for kind_days, found in reliabilities.items()
        for name, value in (
            ("brier_skill", 1 - found.brier / max(found.brier_of_base_rate, 1e-12)),
            ("expected_calibration_error", found.expected_calibration_error),
            ("calibration_in_the_large", found.calibration_in_the_large),
        )
    }
    metrics["windows"], metrics["began"] = float(len(outcome)), float(outcome.sum())
    groups = pl.concat([part.groups for part in parts], how="diagonal")
    return Judged(
        "life-event-forecast",
        version,
        f"1 - Brier within {JUDGED_DAYS} days",
        methods,
        reference,
        groups,
        metrics,
        reliabilities,
    )


class _Part:
    """One kind of subject: its windows, their outcomes and what each method said of them."""

    def __init__(self, kind: SubjectKind, data: ForecastData, said: Mapping[str, Floats]) -> None:
        self.kind, self.said = kind, said
        self.outcome = data.windows[within(JUDGED_DAYS)].to_numpy().astype(np.bool_)
        self.subjects = data.windows["subject"].unique().sort()
        row = {subject: at for at, subject in enumerate(self.subjects)}
        self.owner = data.windows["subject"].replace_strict(row, return_dtype=pl.Int64).to_numpy()
        self.event = data.cases.group
        self.reliabilities: dict[int, Reliability] = {}
        self.groups = pl.DataFrame()

    @classmethod
    def of(
        cls,
        ground: Ground,
        kind: SubjectKind,
        fitted: Mapping[str, Forecasters],
        every: Mapping[str, Forecasters],
        until: dt.date,
    ) -> _Part:
        """The windows that start on the last day the models saw. Raises NothingToJudgeOn without any."""
        labels = labels_of(load_labels(ground.catalogue), ground.catalogue, kind)
        model = fitted[MODEL][kind]
        data = _windows(ground, labels, until, model)
        if not len(data.cases):
            raise NothingToJudgeOn(f"no {kind} was at risk of any event on {until}")
        by_horizon = model.probabilities(data.cases)
        at = [h.days for h in model.horizons].index(JUDGED_DAYS)
        usual = usual_rates(ground, labels, until, within(JUDGED_DAYS))
        said = {MODEL: by_horizon[:, at], RATES: usual.of(data.windows)}
        for name in every:
            if name != MODEL:
                other = fitted[name][kind] if name in fitted else None
                said[name] = said[RATES] if other is None else _said_by(other, ground, labels, until, data)
        part = cls(kind, data, said)
        for place, horizon in enumerate(model.horizons):
            known = data.windows[within(horizon.days)].is_not_null().to_numpy()
            happened = data.windows[within(horizon.days)].fill_null(False).to_numpy()
            if known.any() and happened[known].any():
                part.reliabilities[horizon.days] = reliability(by_horizon[known, place], happened[known])
        part.groups = groups_of(ground.traits(until), part.subjects, kind).drop("subject")
        return part

    def values(self, name: str) -> Floats:
        """One less the mean Brier score of each subject."""
        return mean_by(self.owner, 1 - (self.said[name] - self.outcome) ** 2, len(self.subjects))

    def reached(self, name: str) -> Floats:
        """Whether the likeliest three held one that began; NaN for a subject to whom nothing happened."""
        shape = (len(self.subjects), int(self.event.max()) + 1)
        table = np.full(shape, -np.inf)
        table[self.owner, self.event] = self.said[name]
        began = np.zeros(shape, dtype=np.bool_)
        began[self.owner, self.event] = self.outcome
        shown = np.argsort(-table, axis=1, kind="stable")[:, :K]
        hit = np.take_along_axis(began, shown, axis=1).any(axis=1)
        return np.where(began.any(axis=1), hit.astype(np.float64), np.nan)


def _windows(
    ground: Ground, labels: ForecastLabels, until: dt.date, model: LifeEventForecaster
) -> ForecastData:
    """Windows starting on the last day seen whose outcome at the judged horizon is known."""
    coding = (model.items, model.indicators, model.holdings)
    data = scoring_data(ground, labels, ground.on, [until], coding)
    known = data.windows[within(JUDGED_DAYS)].is_not_null()
    kept = known.arg_true().to_numpy()
    return ForecastData(
        data.windows.filter(known), data.cases.take(kept), data.items, data.indicators, data.holdings
    )


def _said_by(
    other: LifeEventForecaster, ground: Ground, labels: ForecastLabels, until: dt.date, data: ForecastData
) -> Floats:
    """Another version's probability for the same windows; nothing known of an event is a rate of zero."""
    own = _windows(ground, labels, until, other)
    at = [h.days for h in other.horizons].index(JUDGED_DAYS)
    theirs = own.windows.select("event", "subject").with_columns(
        said=pl.Series(other.probabilities(own.cases)[:, at])
    )
    joined = data.windows.select("event", "subject").join(
        theirs, on=["event", "subject"], how="left", maintain_order="left"
    )
    return joined["said"].fill_null(0.0).to_numpy()
