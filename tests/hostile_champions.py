"""Champions that would upset a page if they could: random weights on everything they are told."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from catalog.catalogue import Catalogue
from catalog.vocabulary import SubjectKind
from features.indicators import Indicators
from features.named import traits_of
from models.affinity.inputs import InputEncoder
from models.affinity.linear import LinearAffinity, LinearBlock, frozen
from models.homepage import Champions, LearnedSignals
from models.life_event_forecast.forecaster import HorizonModel, LifeEventForecaster
from models.life_event_forecast.holdings import Holdings
from models.life_event_forecast.labels import load_labels
from models.life_event_forecast.signals import SIGNALS, event_items
from models.logit.calibration import Calibration
from models.logit.crossed import CrossedLogit
from models.policy_package.policy_book import policy_book
from models.policy_package.uptake import Stage, UptakeModel
from models.policy_package.uptake_signals import SIGNALS as UPTAKE_SIGNALS
from models.ranking.use_model import UseModel
from pipelines.train.forecast_data import labels_of

WILD = 30.0
CERTAIN = Calibration(np.array([-1.0, 1.0]), np.array([0.001, 0.999]), "hostile")


def hostile_recommenders(catalogue: Catalogue, seed: int) -> Mapping[str, LearnedSignals]:
    """Every recommender alone with those it needs, and all of them together."""
    rng = np.random.default_rng(seed)
    affinity = {kind: _affinity(catalogue, kind, rng) for kind in SubjectKind}
    forecast = {kind: _forecast(catalogue, kind, rng) for kind in SubjectKind}
    use = {kind: _use(catalogue, rng) for kind in SubjectKind}
    uptake = _uptake(catalogue, rng)
    parts = {
        "affinity": Champions(affinity=affinity),
        "affinity and forecast": Champions(affinity=affinity, forecast=forecast),
        "uptake": Champions(uptake=uptake, affinity={SubjectKind.CITIZEN: affinity[SubjectKind.CITIZEN]}),
        "ranker": Champions(use=use),
        "all": Champions(affinity=affinity, forecast=forecast, uptake=uptake, use=use),
    }
    return {name: LearnedSignals(champions, catalogue) for name, champions in parts.items()}


def _affinity(catalogue: Catalogue, kind: SubjectKind, rng: np.random.Generator) -> LinearAffinity:
    items = tuple(sorted(id for id, item in catalogue.items.items() if item.subject == kind))
    encoder = InputEncoder(features=("sex=female", "hukou=other"), history=items, constant=True)
    factors = frozen(WILD * rng.normal(size=(encoder.width, len(items))))
    return LinearAffinity(items, (LinearBlock(encoder, factors),), frozen(WILD * rng.normal(size=len(items))))


def _forecast(catalogue: Catalogue, kind: SubjectKind, rng: np.random.Generator) -> LifeEventForecaster:
    items = event_items(labels_of(load_labels(catalogue), catalogue, kind), catalogue)
    events = len(items.events)
    horizons = tuple(
        HorizonModel(
            days,
            CrossedLogit(
                items.events,
                WILD * rng.normal(size=events),
                WILD * rng.normal(size=(events, len(SIGNALS))),
                np.zeros((0, events)),
            ),
            CERTAIN,
        )
        for days in (30, 90, 180)
    )
    return LifeEventForecaster(items, Indicators(()), Holdings(()), horizons)


def _uptake(catalogue: Catalogue, rng: np.random.Generator) -> UptakeModel:
    book = policy_book(catalogue)
    groups = len(book.categories)
    names = tuple(f"{name}=yes" for name in sorted(traits_of(catalogue, SubjectKind.ENTERPRISE))[:3])

    def stage() -> Stage:
        logit = CrossedLogit(
            book.categories,
            WILD * rng.normal(size=groups),
            WILD * rng.normal(size=(groups, len(UPTAKE_SIGNALS))),
            WILD * rng.normal(size=(len(names), groups)),
        )
        return Stage(logit, CERTAIN)

    return UptakeModel(book, Indicators(names), stage(), stage())


def _use(catalogue: Catalogue, rng: np.random.Generator) -> UseModel:
    states = ("can_do", "should_do.overdue", "should_do.obligation", "upcoming", "needs_information", "done")
    names = [f"what:item={item}" for item in sorted(catalogue.items)]
    names += [f"time:state={state}" for state in states]
    names += ["like:affinity", "event:probability", "effort:ready", "effort:missing>=1", "tired:shown"]
    return UseModel(dict(zip(names, (WILD * rng.normal(size=len(names))).tolist(), strict=True)))
