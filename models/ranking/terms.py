"""What the ranker weighs of one entry: named terms with values, the same in training and on a page.

A term's family stands before the colon; the families are what reasons speak of. Steps such as
`interest:looked<=14` hold for every bound that is met, so that weights of one sign make a monotone effect.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from typing import Final

from models.ranking.item_facts import ItemFacts
from models.ranking.standardised import standardised
from models.ranking.subject_past import PairPast, SubjectPast
from models.recommendation import Entry, Standing

AGES: Final = (7, 15, 30, 45, 60, 90, 120, 180)
DUE: Final = (7, 15, 30, 45, 60, 90, 135, 180)
OVERDUE: Final = (1, 30, 60, 120, 240, 365)
OPENS: Final = (7, 20, 35, 50, 65, 80, 95, 130)
TOLD: Final = (15, 30, 60, 100, 150)
AGO: Final = (30, 60, 90, 150, 210, 300, 365, 500)
TURNED_DOWN: Final = (30, 60, 120)
MISSING: Final = (1, 2, 3, 4)
SOON: Final = 80
QUARTER: Final = 90
TRAITS: Final = frozenset({"age_band", "sex", "employment", "size", "entity", "taxpayer"})
"""The traits an item's own pull may differ by; the affinity reads all of them."""
_UNTOUCHED: Final = PairPast()
Terms = Mapping[str, float]
Named = Iterator[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class SubjectTerms:
    """What is known of one subject on a day, ready to be read entry by entry."""

    on: dt.date
    itself: str
    """The scope item that is the subject."""
    past: SubjectPast
    traits: tuple[str, ...]
    """`trait=category` of such of TRAITS as are known."""
    facts: Mapping[str, ItemFacts]
    affinity: Mapping[str, float] = field(default_factory=dict)
    """By item, on any scale."""
    event_probability: Mapping[str, float] = field(default_factory=dict)
    fatigue: Mapping[str, float] = field(default_factory=dict)
    unwanted_events: frozenset[str] = frozenset()
    """Events the subject wants no guess at."""

    def over(self, entries: Iterable[Entry]) -> SubjectTerms:
        """The same with affinity in standard deviations among what these entries are of."""
        return self.over_items({entry.item for entry in entries})

    def over_items(self, items: Set[str]) -> SubjectTerms:
        """The same, of items by id."""
        return replace(self, affinity=standardised(self.affinity, items))

    def of(self, entry: Entry) -> Terms:
        """The terms of one entry that are not zero."""
        facts = self.facts[entry.item]
        pair = self.past.pairs.get((entry.scope_item, entry.item), _UNTOUCHED)
        parts = (
            self._what(entry, facts),
            _when(entry, self.on),
            _interest(pair),
            _again(entry.item, pair),
            self._like(entry, facts),
            self._around(entry, facts),
            _effort(entry),
        )
        return {name: value for part in parts for name, value in part if value}

    def _what(self, entry: Entry, facts: ItemFacts) -> Named:
        state = state_of(entry)
        middle = self.on + dt.timedelta(days=QUARTER // 2)
        yield "what:always", 1.0
        yield f"what:item={entry.item}", 1.0
        yield f"what:item={entry.item}|{state}", 1.0
        yield f"what:theme={facts.theme}", 1.0
        yield f"time:state={state}", 1.0
        yield f"time:nature={facts.nature}|{state}", 1.0
        yield f"time:item={entry.item}|quarter={(middle.month - 1) // 3}", 1.0

    def _like(self, entry: Entry, facts: ItemFacts) -> Named:
        for trait in self.traits:
            yield f"like:theme={facts.theme}|{trait}", 1.0
            yield f"like:item={entry.item}|{trait}", 1.0
        affinity = self.affinity.get(entry.item, 0.0)
        yield "like:affinity", affinity
        yield "like:affinity>1", max(affinity - 1.0, 0.0)
        yield "who:unobserved", float(not self.past.observed)
        yield "who:used", math.log1p(self.past.cases)

    def _around(self, entry: Entry, facts: ItemFacts) -> Named:
        chance = self.event_probability.get(entry.item, 0.0)
        yield "event:probability", chance
        yield "event:log_odds", max(math.log(max(chance, 1e-4)) + 5.0, 0.0)
        beside = facts.beside(self.unwanted_events)
        ages = [self.past.looked_at.get(item, math.inf) for item in beside]
        looked = sum(age <= 30 for age in ages)
        opened = sum(self.past.opened.get(item, math.inf) <= QUARTER for item in beside)
        yield "event:looked_beside", math.log1p(looked)
        yield "event:looked_beside_before", math.log1p(sum(30 < age <= QUARTER for age in ages))
        yield "event:opened_beside", math.log1p(opened)
        yield f"event:item={entry.item}|beside", math.log1p(looked + opened)
        told = self._told(entry, facts)
        yield from _steps("event:told", told, TOLD)
        yield f"event:item={entry.item}|told", float(told <= 60)
        yield f"event:item={entry.item}|told_before", float(60 < told <= 150)
        yield "tired:shown", self.fatigue.get(entry.item, 0.0)

    def _told(self, entry: Entry, facts: ItemFacts) -> float:
        """How many days ago a register that the criteria rest on last spoke."""
        return min(
            (
                self.past.told.get((self.itself if of_owner else entry.scope_item, register), math.inf)
                for of_owner, register in facts.told_by
            ),
            default=math.inf,
        )


def state_of(entry: Entry) -> str:
    """The standing, with its urgency where it has one."""
    return str(entry.standing) if entry.urgency is None else f"{entry.standing}.{entry.urgency}"


def _steps(name: str, value: float, bounds: Iterable[int]) -> Named:
    return ((f"{name}<={bound}", 1.0) for bound in bounds if value <= bound)


def _when(entry: Entry, on: dt.date) -> Named:
    if entry.due_on is not None:
        left = (entry.due_on - on).days
        if left >= 0:
            yield from _steps("time:due", left, DUE)
        else:
            yield from ((f"time:overdue>={bound}", 1.0) for bound in OVERDUE if -left >= bound)
    if entry.opens_on is not None and entry.standing is Standing.UPCOMING:
        ahead = (entry.opens_on - on).days
        yield from _steps("time:opens", ahead, OPENS)
        yield f"time:item={entry.item}|soon", float(ahead <= SOON)


def _interest(pair: PairPast) -> Named:
    yield from _steps("interest:looked", pair.looked, AGES)
    yield from _steps("interest:asked", pair.asked, AGES)
    yield from _steps("interest:begun", pair.begun, AGES)
    yield "interest:looks", math.log1p(pair.looks)
    yield "interest:unfinished", float(pair.begun < pair.opened and pair.begun <= QUARTER)
    yield "interest:looked_since", float(pair.looked < pair.opened and pair.looked <= 60)
    yield "tired:put_off", float(pair.put_off <= 60)


def _again(item: str, pair: PairPast) -> Named:
    yield from _steps("again:done", pair.succeeded, AGO)
    yield "again:times", math.log1p(pair.successes)
    yield f"again:item={item}|done", float(pair.successes > 0)
    yield f"again:item={item}|times", math.log1p(pair.successes)
    yield f"again:item={item}|lately", float(pair.succeeded <= QUARTER)
    if pair.turned_down <= pair.opened:
        yield from _steps("again:turned_down", pair.turned_down, TURNED_DOWN)


def _effort(entry: Entry) -> Named:
    yield from ((f"effort:missing>={bound}", 1.0) for bound in MISSING if len(entry.missing) >= bound)
    yield "effort:ready", float(entry.ready)
    yield "effort:unknown", float(bool(entry.unknown))
