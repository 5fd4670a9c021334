"""One subject to rank for: a masked profile in the form every affinity asks for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Final

import numpy as np
import yaml
from scipy import sparse

from features.indicators import Indicators
from features.schema import MaskedProfile
from models.affinity.dataset import AffinityDataError, Features, Interactions, SubjectBatch
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


def together(batches: Sequence[SubjectBatch]) -> SubjectBatch:
    """Subjects of one batch after those of another; all speak of the same indicators and items.

    AffinityDataError for batches that do not, and for none at all.
    """
    if not batches:
        raise AffinityDataError("batches: there are none to put together")
    first = batches[0]
    if any(one.items != first.items or one.features.names != first.features.names for one in batches):
        raise AffinityDataError("batches: they speak of different indicators or items")
    begins = np.cumsum([0, *(len(one) for one in batches[:-1])])
    history = Interactions(
        np.concatenate([one.history.subject + at for one, at in zip(batches, begins, strict=True)]),
        np.concatenate([one.history.item for one in batches]),
        np.concatenate([one.history.weight for one in batches]),
        np.concatenate([one.history.time for one in batches]),
    )
    matrix = sparse.vstack([one.features.matrix for one in batches], format="csr")
    return SubjectBatch(
        Features(matrix, first.features.names),
        history,
        first.items,
        np.concatenate([b.days for b in batches]),
    )


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
