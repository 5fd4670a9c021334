"""Membership inference against the ranker and the forecasts: by how likely they find what people really did.

The attacker knows a person's pages, what they took up and what befell them, and asks how surprised the
model is by it: less than it should be, where it was learned from them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from benchmarks.privacy_attacks.membership import FEWEST, Attacked, attacked
from models.homepage import LearnedSignals
from models.life_event_forecast.labels import load_labels
from models.life_event_forecast.risk import within
from models.life_event_forecast.training import ForecastConfig, ForecastData, fit_forecast
from models.logit.crossed import Cases
from models.ranking.fitting import Example, FitConfig, fit_use
from models.standing.working_days import published_calendar
from pipelines.train.early_champions import early_champions
from pipelines.train.forecast_data import labels_of, learning_data
from pipelines.train.ground import Ground
from pipelines.train.landmarks import landmarks
from pipelines.train.learn_ranking import example_days
from pipelines.train.past_pages import PastPages
from pipelines.train.recipe import FORECAST, RANKING, recipe

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
STATISTICS: Final = ("loss", "loss_of_what_happened", "loss_of_what_did_not", "greatest_loss")
SURE: Final = 1e-6


@dataclass(frozen=True)
class _Pages:
    """The examples of each person's pages."""

    examples: Sequence[Sequence[Example]]
    config: FitConfig

    def tell(self, inside: Ints, outside: Ints, _seed: int) -> tuple[Floats, Ints]:
        """A ranker of those inside, and how it finds them and as many of the others."""
        model = fit_use([one for who in inside for one in self.examples[who]], self.config)
        sides = (inside[: len(outside)], outside)
        rows = []
        for who in (who for side in sides for who in side):
            own = self.examples[who]
            happened = np.array([one.taken_up for one in own])
            rows.append(_statistics(happened, np.array([model.chance(one.terms) for one in own])))
        return np.array(rows), np.repeat([1, 0], [len(side) for side in sides])


def ranking_membership(ground: Ground, seed: int, shadows: int, pages: int) -> Attacked:
    """The attack on the ranker of one kind of subject; half of so many pages the ranker is learned from."""
    made, until = recipe(), ground.on - dt.timedelta(days=recipe().holdout_days(RANKING))
    days = example_days(ground.first_day, until, made.ranking.step_days)
    early, _ = early_champions({ground.kind: ground}, made, days[0] - dt.timedelta(days=1), seed)
    past = PastPages(ground, LearnedSignals(early, ground.catalogue), published_calendar())
    found: dict[str, list[Example]] = {}
    for subject, examples in past.by_subject(days, pages, seed):
        found.setdefault(subject, []).extend(examples)
    judged = [own for _, own in sorted(found.items()) if len(own) >= FEWEST]
    attack = _Pages(judged, made.ranking.fit)
    return attacked(np.arange(len(judged)), attack.tell, STATISTICS, seed, shadows)


@dataclass(frozen=True)
class _Windows:
    """The windows at risk of each person."""

    data: ForecastData
    rows: Sequence[Ints]
    happened: npt.NDArray[np.bool_]
    known: npt.NDArray[np.bool_]
    ground: Ground
    config: ForecastConfig

    def tell(self, inside: Ints, outside: Ints, seed: int) -> tuple[Floats, Ints]:
        """A forecaster of those inside, and how it finds them and as many of the others."""
        labels = labels_of(load_labels(self.ground.catalogue), self.ground.catalogue, self.ground.kind)
        kept = np.sort(np.concatenate([self.rows[who] for who in inside]))
        learned = replace(self.data, windows=self.data.windows[kept], cases=self.data.cases.take(kept))
        model = fit_forecast(learned, labels, self.config, seed).forecaster
        cases, told = self.data.cases, np.full(len(self.data.items.events), -1, dtype=np.int32)
        for place, event in enumerate(model.events):
            told[self.data.items.events.index(event)] = place
        spoken = np.flatnonzero((told[cases.group] >= 0) & self.known)
        taken = cases.take(spoken)
        said = np.full(len(cases), np.nan)
        renumbered = Cases(told[taken.group], taken.signals, taken.row, taken.indicators)
        said[spoken] = model.probabilities(renumbered)[:, -1]
        sides = (inside[: len(outside)], outside)
        rows = []
        for who in (who for side in sides for who in side):
            own = self.rows[who][~np.isnan(said[self.rows[who]])]
            rows.append(_statistics(self.happened[own], said[own]))
        return np.array(rows), np.repeat([1, 0], [len(side) for side in sides])


def forecast_membership(ground: Ground, seed: int, shadows: int) -> Attacked:
    """The attack on the forecasts of one kind of subject, by their longest horizon."""
    made, until = recipe(), ground.on - dt.timedelta(days=recipe().holdout_days(FORECAST))
    labels = labels_of(load_labels(ground.catalogue), ground.catalogue, ground.kind)
    data = learning_data(ground, labels, until, landmarks(ground.first_day, until))
    outcome = data.windows[within(labels.horizons_days[-1])]
    known = outcome.is_not_null().to_numpy()
    numbers = data.windows["subject"].rank("dense").to_numpy().astype(np.int64) - 1
    order = np.argsort(numbers, kind="stable")
    rows = np.split(order, np.cumsum(np.bincount(numbers))[:-1])
    judged = [own for own in rows if known[own].sum() >= FEWEST]
    windows = _Windows(data, judged, outcome.fill_null(False).to_numpy(), known, ground, made.forecast)
    return attacked(np.arange(len(judged)), windows.tell, STATISTICS, seed, shadows)


def _statistics(happened: npt.NDArray[np.bool_], said: Floats) -> list[float]:
    """How surprised a model is by what happened to one person, and by what did not."""
    sure = np.clip(said, SURE, 1 - SURE)
    loss = -np.log(np.where(happened, sure, 1 - sure))
    if not len(loss):
        return [0.0] * len(STATISTICS)
    return [
        float(loss.mean()),
        float(loss[happened].mean()) if happened.any() else 0.0,
        float(loss[~happened].mean()) if not happened.all() else 0.0,
        float(loss.max()),
    ]
