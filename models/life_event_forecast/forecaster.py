"""Probabilities of events within each horizon, from fitted arrays: no learning library is needed here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from catalog.vocabulary import Names
from features.indicators import Indicators
from features.schema import MaskedProfile
from models.life_event_forecast.holdings import Holdings
from models.life_event_forecast.query_words import QueryWords
from models.life_event_forecast.signals import SIGNALS, EventItems, signals_of
from models.logit.calibration import Calibration
from models.logit.crossed import Cases, CrossedLogit

Floats = npt.NDArray[np.float64]
KIND = "life-event-forecast.1"
"""The schema of the arrays and the specification."""


@dataclass(frozen=True, slots=True)
class EventForecast:
    """How likely one event is within each horizon, in days."""

    event: str
    within: Mapping[int, float]


@dataclass(frozen=True, slots=True, eq=False)
class HorizonModel:
    """One horizon's coefficients and what its scores mean."""

    days: int
    logit: CrossedLogit
    calibration: Calibration


@dataclass(frozen=True, slots=True, eq=False)
class LifeEventForecaster:
    """The forecast for one kind of subject. Events it does not list it says nothing of."""

    items: EventItems
    indicators: Indicators
    holdings: Holdings
    horizons: tuple[HorizonModel, ...]
    """Ascending in days, all over the same events."""

    @property
    def events(self) -> tuple[str, ...]:
        """The events it forecasts, in the order of its arrays."""
        return self.items.events

    def forecast(
        self, profile: MaskedProfile, traits: Mapping[str, str | None], on: dt.date
    ) -> tuple[EventForecast, ...]:
        """One subject's forecasts on a day, likeliest within the longest horizon first.

        `traits` are those of the same masked profile (features.transforms.traits_of_profile).
        """
        signals = signals_of(profile, self.items, on)
        width = len(self.indicators.names)
        present = np.concatenate(
            [self.indicators.encode_one(traits), width + self.holdings.encode_one(profile, on)]
        )
        by_horizon = np.stack([h.calibration(h.logit.logits_of_one(signals, present)) for h in self.horizons])
        likely = np.maximum.accumulate(by_horizon, axis=0)
        order = sorted(range(len(self.events)), key=lambda e: (-likely[-1, e], self.events[e]))
        return tuple(
            EventForecast(self.events[e], {h.days: float(likely[i, e]) for i, h in enumerate(self.horizons)})
            for e in order
        )

    def probabilities(self, cases: Cases) -> Floats:
        """(cases, horizons), never falling as the horizon grows; groups index `events`."""
        columns = [h.calibration(h.logit.logits(cases)) for h in self.horizons]
        return np.maximum.accumulate(np.stack(columns, axis=1), axis=1)

    def export(self) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
        """The specification and the arrays to store."""
        specification = {
            "events": list(self.events),
            "signals": list(SIGNALS),
            "of_item": {item: list(at) for item, at in self.items.of_item.items()},
            "names": {item: [n.zh, n.en] for item, n in self.items.words.names.items()},
            "indicators": list(self.indicators.names),
            "holdings": list(self.holdings.names),
            "horizons": [h.days for h in self.horizons],
            "calibration": [h.calibration.method for h in self.horizons],
        }
        arrays: dict[str, npt.NDArray[Any]] = {}
        for horizon in self.horizons:
            named = {
                **horizon.logit.arrays(),
                "calibration_logits": horizon.calibration.logits,
                "calibration_probabilities": horizon.calibration.probabilities,
            }
            arrays.update({f"{horizon.days}/{name}": array for name, array in named.items()})
        return specification, arrays

    @classmethod
    def restore(
        cls, specification: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]
    ) -> LifeEventForecaster:
        """The forecaster that was exported. Raises KeyError or ValueError where a part is amiss."""
        if specification["signals"] != list(SIGNALS):
            raise ValueError("it was learned from other signals than this program computes: train it again")
        events = tuple(specification["events"])
        of_item = {item: tuple(at) for item, at in specification["of_item"].items()}
        names = {item: Names(zh, en) for item, (zh, en) in specification["names"].items()}
        horizons = []
        for days, method in zip(specification["horizons"], specification["calibration"], strict=True):
            own = {name.split("/", 1)[1]: a for name, a in arrays.items() if name.startswith(f"{days}/")}
            knots = (own["calibration_logits"], own["calibration_probabilities"])
            horizons.append(HorizonModel(days, CrossedLogit.of(events, own), Calibration(*knots, method)))
        return cls(
            EventItems(events, of_item, QueryWords(names)),
            Indicators(tuple(specification["indicators"])),
            Holdings(tuple(specification["holdings"])),
            tuple(horizons),
        )


def side_by_side(indicators: sparse.csr_array, holdings: sparse.csr_array) -> sparse.csr_array:
    """The indicator columns in the order the forecaster reads them."""
    return sparse.csr_array(sparse.hstack([indicators, holdings], format="csr", dtype=np.float32))
