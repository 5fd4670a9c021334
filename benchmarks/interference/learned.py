"""Random champions that read everything a learned model could: whatever reaches them shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from zlib import crc32

import numpy as np

from catalog.catalogue import Catalogue
from catalog.vocabulary import Delicacy, SubjectKind, ValueType
from features.indicators import Indicators
from features.named import traits_of
from models.affinity.inputs import HistoryValue, InputEncoder
from models.affinity.linear import LinearAffinity, LinearBlock, frozen
from models.homepage import Champions
from models.life_event_forecast import signals as event_signals
from models.life_event_forecast.forecaster import HorizonModel, LifeEventForecaster
from models.life_event_forecast.holdings import Holdings
from models.life_event_forecast.query_words import QueryWords
from models.life_event_forecast.signals import EventItems
from models.logit.calibration import Calibration
from models.logit.crossed import CrossedLogit
from models.policy_package import uptake_signals
from models.policy_package.policy_book import policy_book
from models.policy_package.uptake import Stage, UptakeModel
from models.ranking.use_model import UseModel

_LINE = Calibration(np.linspace(-30, 30, 601), 1 / (1 + np.exp(-np.linspace(-30, 30, 601))), "line")


class _AnyTerm(Mapping[str, float]):
    """A weight for whatever term there is, the same for the same seed and name."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._drawn: dict[str, float] = {}

    def __getitem__(self, name: str) -> float:
        if name not in self._drawn:
            self._drawn[name] = (crc32(f"{self._seed} {name}".encode()) / 2**31 - 1.0) / 4
        return self._drawn[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._drawn)

    def __len__(self) -> int:
        return len(self._drawn)


def random_champions(catalogue: Catalogue, seed: int) -> Champions:
    """Models of every kind with coefficients drawn at random, none of them nothing."""
    rng = np.random.default_rng(seed)
    names = {"use": "use 1", "affinity": "affinity 1", "forecast": "forecast 1", "uptake": "uptake 1"}
    book = policy_book(catalogue)
    uptake = None
    if book.policies:
        indicators = _indicators(catalogue, SubjectKind.ENTERPRISE)
        width = (len(uptake_signals.SIGNALS), len(indicators.names))
        uptake = UptakeModel(book, indicators, *(_stage(rng, book.categories, *width) for _ in range(2)))
    return Champions(
        affinity={kind: _affinity(rng, catalogue, kind) for kind in SubjectKind},
        forecast={kind: _forecaster(rng, catalogue, kind) for kind in SubjectKind},
        uptake=uptake,
        use={kind: UseModel(_AnyTerm(seed)) for kind in SubjectKind},
        names=names,
    )


def _affinity(rng: np.random.Generator, catalogue: Catalogue, kind: SubjectKind) -> LinearAffinity:
    items = tuple(sorted(id_ for id_, item in catalogue.items.items() if item.subject is kind))
    features = InputEncoder(features=_indicators(catalogue, kind).names)
    history = InputEncoder(history=items, history_value=HistoryValue.LOG_WEIGHT)
    blocks = tuple(
        LinearBlock(encoder, frozen(rng.normal(size=(encoder.width, len(items)))))
        for encoder in (features, history)
    )
    return LinearAffinity(items, blocks, frozen(rng.normal(size=len(items))))


def _forecaster(rng: np.random.Generator, catalogue: Catalogue, kind: SubjectKind) -> LifeEventForecaster:
    told = [
        e for _, e in sorted(catalogue.events.items()) if e.subject is kind and e.delicacy is Delicacy.NORMAL
    ]
    of_item: dict[str, tuple[int, ...]] = {}
    for at, event in enumerate(told):
        for step in (step for stage in event.stages for step in stage):
            of_item[step.service] = (*of_item.get(step.service, ()), at)
    words = QueryWords({item: catalogue.items[item].names for item in of_item if item in catalogue.items})
    events = tuple(event.id for event in told)
    holdings = Holdings(
        (
            *(f"holds={paper}" for paper in sorted(catalogue.evidence_types)),
            *(f"obtained={item}" for item in sorted(catalogue.items)),
        )
    )
    indicators = _indicators(catalogue, kind)
    width = (len(event_signals.SIGNALS), len(indicators.names) + len(holdings.names))
    horizons = tuple(HorizonModel(days, _logit(rng, events, *width), _LINE) for days in (30, 90))
    return LifeEventForecaster(EventItems(events, of_item, words), indicators, holdings, horizons)


def _stage(rng: np.random.Generator, groups: Sequence[str], signals: int, indicators: int) -> Stage:
    return Stage(_logit(rng, tuple(groups), signals, indicators), _LINE)


def _logit(rng: np.random.Generator, groups: tuple[str, ...], signals: int, indicators: int) -> CrossedLogit:
    return CrossedLogit(
        groups,
        rng.normal(size=len(groups)),
        rng.normal(size=(len(groups), signals)),
        rng.normal(size=(indicators, len(groups))),
    )


def _indicators(catalogue: Catalogue, kind: SubjectKind) -> Indicators:
    """Every category of every trait this catalogue can tell."""
    return Indicators(tuple(sorted(_categories(catalogue, kind))))


def _categories(catalogue: Catalogue, kind: SubjectKind) -> Iterator[str]:
    for name, trait in traits_of(catalogue, kind).items():
        attribute = catalogue.attributes[trait.attribute]
        words = ["none"]
        match attribute.type:
            case ValueType.BOOLEAN:
                words += ["true", "false"]
            case ValueType.ENUM:
                words += attribute.allowed
            case _:
                words += [f"{low:g}..{high:g}" for low, high in pairwise(trait.cuts)]
                words += [f"<{trait.cuts[0]:g}", f">={trait.cuts[-1]:g}"]
        yield from (f"{name}={word}" for word in words)
