"""What one subject did of late, pair by pair, as far as ranking may know it."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from features.schema import Case, Interaction, MaskedProfile
from features.statements import end_of

LOOKED: Final = frozenset({"view", "click"})
DAY: Final = 86_400.0
NEVER: Final = math.inf
LOOKS_COUNT: Final = 90
"""Days within which looks are counted."""
Pair = tuple[str, str]
"""A scope item and an item."""


@dataclass(slots=True)
class PairPast:
    """One pair's past: ages of the latest of each in days, `NEVER` where there is none."""

    looked: float = NEVER
    looks: int = 0
    asked: float = NEVER
    begun: float = NEVER
    put_off: float = NEVER
    opened: float = NEVER
    succeeded: float = NEVER
    successes: int = 0
    turned_down: float = NEVER


@dataclass(slots=True)
class SubjectPast:
    """All pairs of one subject that left a trace, and what goes beyond single pairs."""

    observed: bool
    """Whether what the subject did online may be known at all."""
    pairs: dict[Pair, PairPast] = field(default_factory=dict)
    looked_at: dict[str, float] = field(default_factory=dict)
    """By item, the age of the latest look, search or start, for whatever scope item."""
    opened: dict[str, float] = field(default_factory=dict)
    """By item, the age of the latest case."""
    cases: int = 0
    told: Mapping[Pair, float] = field(default_factory=dict)
    """By scope item and register, how many days ago the register last spoke."""

    def pair(self, scope_item: str, item: str) -> PairPast:
        """The past of one pair, to be filled in."""
        return self.pairs.setdefault((scope_item, item), PairPast())


def past_of(profile: MaskedProfile, on: dt.date) -> SubjectPast:
    """The past of a masked profile on a day; ages count from the day's beginning."""
    now = end_of(on - dt.timedelta(days=1))
    past = SubjectPast(observed="interactions" not in profile.withheld)
    for scope_item in profile.scope_items:
        for case in scope_item.cases:
            _add_case(past, case, _age(case.opened_at, now))
    for act in profile.interactions:
        if act.item is not None:
            _add_act(past, act, past.pair(act.scope_item or profile.itself.id, act.item), now)
    past.told = {
        (scope_item.id, register): _age(at, now)
        for scope_item in profile.scope_items
        for register, at in scope_item.as_of.items()
    }
    return past


def _age(at: dt.datetime, now: dt.datetime) -> float:
    """In days; what happened on the day itself has no age yet."""
    return max((now - at).total_seconds() / DAY, 0.0)


def _add_case(past: SubjectPast, case: Case, age: float) -> None:
    pair = past.pair(case.scope_item, case.item)
    past.cases += 1
    past.opened[case.item] = min(past.opened.get(case.item, NEVER), age)
    pair.opened = min(pair.opened, age)
    if case.status in ("succeeded", "self_declared"):
        pair.successes += 1
        pair.succeeded = min(pair.succeeded, age)
    elif case.status in ("failed", "withdrawn"):
        pair.turned_down = min(pair.turned_down, age)


def _add_act(past: SubjectPast, act: Interaction, pair: PairPast, now: dt.datetime) -> None:
    age = _age(act.at, now)
    if act.kind in LOOKED:
        pair.looked = min(pair.looked, age)
        pair.looks += age <= LOOKS_COUNT
    elif act.kind == "search":
        pair.asked = min(pair.asked, age)
    elif act.kind == "start":
        pair.begun = min(pair.begun, age)
    elif act.kind == "dismiss":
        pair.put_off = min(pair.put_off, age)
    if act.kind in LOOKED or act.kind in ("search", "start"):
        assert act.item is not None  # noqa: S101 - only acts on items come here
        past.looked_at[act.item] = min(past.looked_at.get(act.item, NEVER), age)
