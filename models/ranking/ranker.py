"""The final order of entries inside the fence: duties by date, the rest by what has been learned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from models.ranking.reasons import reasons_of, strongest
from models.ranking.signals import LearnedUse, RankSignals
from models.ranking.standardised import standardised
from models.recommendation import Entry, Standing

ORDER: Final = (
    Standing.SHOULD_DO,
    Standing.CAN_DO,
    Standing.UPCOMING,
    Standing.NEEDS_INFORMATION,
    Standing.IN_PROGRESS,
    Standing.DONE,
    Standing.NOT_ELIGIBLE,
)
"""No score moves an entry from one standing past another."""

LEARNED: Final = frozenset({Standing.CAN_DO, Standing.NEEDS_INFORMATION})
"""The standings ordered by score; the others go by date."""

PROMPTLY: Final = dt.timedelta(days=30)
"""A duty without a deadline stands among those due this far ahead."""


def rank(entries: Iterable[Entry], *, signals: RankSignals | None, on: dt.date) -> tuple[Entry, ...]:
    """The same entries in their final order, those ranked by score carrying it and its reason.

    Without signals the order is the rules' own and no entry has a score. Ties go by item, then
    scope item, so that an order never depends on how the entries came.
    """
    entries = tuple(entries)
    by_standing: dict[Standing, list[Entry]] = {standing: [] for standing in ORDER}
    for entry in entries:
        by_standing[entry.standing].append(entry)
    learned = None if signals is None else _over(signals.use, entries)
    ordered: list[Entry] = []
    for standing, group in by_standing.items():
        if signals is not None and standing in LEARNED:
            ordered += _by_score(group, signals, learned)
        elif standing is Standing.SHOULD_DO:
            ordered += sorted(group, key=_due(on))
        else:
            ordered += sorted(group, key=_rule)
    return tuple(ordered)


def _due(on: dt.date) -> Callable[[Entry], tuple[object, ...]]:
    def key(entry: Entry) -> tuple[object, ...]:
        return (entry.due_on or on + PROMPTLY, *_identity(entry))

    return key


def _rule(entry: Entry) -> tuple[object, ...]:
    """By date where there is one, then what is ready, then what lacks least."""
    date = entry.opens_on or entry.due_on or dt.date.max
    return (date, not entry.ready, len(entry.missing), len(entry.unknown), *_identity(entry))


def _identity(entry: Entry) -> tuple[str, str, str]:
    return entry.item, entry.scope_item, entry.cycle


@dataclass(frozen=True, slots=True)
class _Scored:
    entry: Entry
    score: float


def chances(entries: Iterable[Entry], use: LearnedUse) -> dict[tuple[str, str, str], float]:
    """By scope item, item and cycle: how likely it is to be taken up within a quarter."""
    entries = tuple(entries)
    terms = use.terms.over(entries)
    return {(e.scope_item, e.item, e.cycle): use.model.chance(terms.of(e)) for e in entries}


def one_a_pair(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Of the cycles of one item for one scope item, the one that stands first on a page."""
    place = {standing: at for at, standing in enumerate(ORDER)}
    kept: dict[tuple[str, str], Entry] = {}
    for entry in sorted(entries, key=lambda e: (place[e.standing], e.due_on or dt.date.max, e.cycle)):
        kept.setdefault((entry.scope_item, entry.item), entry)
    return tuple(kept.values())


def _over(use: LearnedUse | None, entries: tuple[Entry, ...]) -> LearnedUse | None:
    """The learned ranker with its signals set against each other over a whole page."""
    return None if use is None else replace(use, terms=use.terms.over(entries))


def _by_score(group: list[Entry], signals: RankSignals, learned: LearnedUse | None) -> list[Entry]:
    items = {entry.item for entry in group}
    value = standardised(signals.value, items)
    if learned is None:
        affinity = standardised(signals.affinity, items)
        scored = [_scored(entry, signals, affinity, value) for entry in group]
    else:
        scored = [_learned(entry, signals, learned, value) for entry in group]
    queues: dict[str, list[_Scored]] = {}
    for one in sorted(scored, key=lambda one: (-one.score, *_identity(one.entry))):
        queues.setdefault(signals.themes.get(one.entry.item, ""), []).append(one)
    return _interleaved(queues, signals.weights.diversity)


def _learned(entry: Entry, signals: RankSignals, learned: LearnedUse, value: Mapping[str, float]) -> _Scored:
    """The learned log odds, what it is worth, and what was heard against it since they were learned."""
    weights, item, terms = signals.weights, entry.item, learned.terms.of(entry)
    worth = weights.value * value.get(item, 0.0)
    heard = max(signals.fatigue.get(item, 0.0) - learned.terms.fatigue.get(item, 0.0), 0.0)
    gains = reasons_of(learned.model.by_family(terms), ready=entry.ready) | {"value": worth}
    return _because(entry, learned.model.log_odds(terms) + worth - weights.fatigue * heard, gains)


def _scored(
    entry: Entry, signals: RankSignals, affinity: Mapping[str, float], value: Mapping[str, float]
) -> _Scored:
    weights, item = signals.weights, entry.item
    gains = {
        "affinity": weights.affinity * affinity.get(item, 0.0),
        "event": weights.event * signals.event_probability.get(item, 0.0),
        "value": weights.value * value.get(item, 0.0),
        "ready": weights.ready * entry.ready,
    }
    costs = weights.effort * len(entry.missing) + weights.fatigue * signals.fatigue.get(item, 0.0)
    score = sum(gains.values()) - costs
    return _because(entry, score, gains)


def _because(entry: Entry, score: float, gains: Mapping[str, float]) -> _Scored:
    """The entry with its score and the reason that weighed most."""
    why = strongest(gains)
    reasons = entry.reasons if why is None else (*entry.reasons, why)
    return _Scored(replace(entry, score=score, reasons=reasons), score)


def _interleaved(queues: Mapping[str, list[_Scored]], penalty: float) -> list[Entry]:
    """Greedily the best head of a theme, each less the penalty for what its theme already placed.

    An item of no known theme is its own: it is not held back by others of none.
    """
    place = dict.fromkeys(queues, 0)
    out: list[Entry] = []
    while open_themes := [theme for theme, queue in queues.items() if place[theme] < len(queue)]:

        def key(theme: str) -> tuple[float, tuple[str, str, str]]:
            head = queues[theme][place[theme]]
            held = penalty * place[theme] if theme else 0.0
            return held - head.score, _identity(head.entry)

        chosen = min(open_themes, key=key)
        out.append(queues[chosen][place[chosen]].entry)
        place[chosen] += 1
    return out
