"""One subject to rank for: a masked profile in the form every affinity asks for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Final

import numpy as np
import yaml
from scipy import sparse

from features.indicators import Indicators
from features.schema import MaskedProfile
from models.affinity.dataset import Features, Interactions, SubjectBatch
from models.affinity.linear import LinearAffinity

CASE: Final = "case"
EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@cache
def act_weights() -> dict[str, float]:
    """How much each kind of act counts as taking an item up (acts.yaml)."""
    text = resources.files("models.affinity").joinpath("acts.yaml").read_text(encoding="utf8")
    return {str(kind): float(weight) for kind, weight in yaml.safe_load(text).items()}


def indicators_of(affinity: LinearAffinity) -> Indicators:
    """The indicators (`trait=category`) that an affinity reads of a subject."""
    read = {
        name
        for block in affinity.blocks
        for part in (block.encoder.features, *block.encoder.products)
        for name in part
    }
    return Indicators(tuple(sorted(name for name in read if "=" in name)))


def batch_of(
    profile: MaskedProfile,
    traits: Mapping[str, str | None],
    indicators: Indicators,
    items: tuple[str, ...],
    on: dt.date,
) -> SubjectBatch:
    """The subject as known on a day, with what it took up of these items before."""
    columns = indicators.encode_one(traits)
    cells = (np.ones(len(columns), np.float32), (np.zeros(len(columns), np.int64), columns))
    coded = sparse.csr_array(cells, shape=(1, len(indicators.names)))
    places = {item: at for at, item in enumerate(items)}
    acts = [(places[item], weight, day) for item, weight, day in _taken_up(profile) if item in places]
    what, weights, days = zip(*acts, strict=True) if acts else ((), (), ())
    history = Interactions.of(np.zeros(len(acts)), what, weights, days)
    ranked_on = (on - EPOCH.date()).days
    return SubjectBatch(Features(coded, indicators.names), history, items, np.asarray([float(ranked_on)]))


def _taken_up(profile: MaskedProfile) -> Iterator[tuple[str, float, float]]:
    """Item, weight and day of every act that counts."""
    weights = act_weights()
    for scope_item in profile.scope_items:
        for case in scope_item.cases:
            yield case.item, weights[CASE], _day(case.opened_at)
    for done in profile.interactions:
        if done.item is not None and done.kind in weights:
            yield done.item, weights[done.kind], _day(done.at)


def _day(at: dt.datetime) -> float:
    """Days since 1970-01-01 UTC."""
    return (at - EPOCH) / dt.timedelta(days=1)
