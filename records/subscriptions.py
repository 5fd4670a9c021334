"""服务定制: the items, life events and themes a subject follows, and how early they want to know."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, select

from records.insertion import insert_or_change
from records.tables import subscription
from records.tables.vocabulary import FollowedKind

LEAD_DAYS: Final = (90, 60, 30, 14, 7, 3, 1)
"""How many days before something is due one may choose to be told."""
MOST: Final = 200
"""Subscriptions of one subject."""


class SubscriptionError(ValueError):
    """A subscription that cannot be; says what to choose instead."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """One thing that is followed. Without lead days it is told when such things are told anyway."""

    kind: FollowedKind
    target: str
    lead_days: tuple[int, ...] = ()
    """Longest first."""

    def __post_init__(self) -> None:
        wrong = [days for days in self.lead_days if days not in LEAD_DAYS]
        if wrong or list(self.lead_days) != sorted(set(self.lead_days), reverse=True):
            raise SubscriptionError(
                f"lead days {list(self.lead_days)}: choose from {list(LEAD_DAYS)}, longest first, each once"
            )


@dataclass(frozen=True, slots=True)
class Followed:
    """All that one subject follows. What is followed counts as asked for."""

    subscriptions: tuple[Subscription, ...] = ()
    _leads: Mapping[tuple[FollowedKind, str], tuple[int, ...]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        leads = {(one.kind, one.target): one.lead_days for one in self.subscriptions}
        object.__setattr__(self, "_leads", leads)

    def asks_for(self, item: str | None, theme: str, events: Iterable[str] = ()) -> bool:
        """Whether an item of a theme, a step of these events, is followed by its own name or theirs."""
        return any(name in self._leads for name in _names(item, theme, events))

    def asks_by_name(self, item: str | None) -> bool:
        """Whether the item itself is followed: only then does what is delicate leave the inbox."""
        return item is not None and ("item", item) in self._leads

    def leads_for(self, item: str | None, theme: str, events: Iterable[str] = ()) -> tuple[int, ...]:
        """How many days before it is due to tell of it, longest first; the item's own word comes first.

        Empty: nothing was chosen, and it is told when such things are told anyway.
        """
        for name in _names(item, theme, events):
            if self._leads.get(name):
                return self._leads[name]
        return ()


def followed(connection: Connection, subject: str) -> Followed:
    """What the subject follows, read afresh."""
    return followed_by(connection, {subject}).get(subject, Followed())


def followed_by(connection: Connection, subjects: set[str]) -> dict[str, Followed]:
    """What those of the subjects follow that follow anything."""
    s = subscription.c
    rows = connection.execute(
        select(s.subject, s.kind, s.target, s.lead_days)
        .where(s.subject.in_(subjects))
        .order_by(s.subject, s.kind, s.target)
    )
    found: dict[str, list[Subscription]] = {}
    for subject, kind, target, days in rows:
        found.setdefault(subject, []).append(Subscription(kind, target, tuple(days)))
    return {subject: Followed(tuple(each)) for subject, each in found.items()}


def follow(connection: Connection, subject: str, one: Subscription, at: dt.datetime) -> None:
    """Follow something, or choose other lead days for it. SubscriptionError beyond the most."""
    now = followed(connection, subject).subscriptions
    known = any((each.kind, each.target) == (one.kind, one.target) for each in now)
    if not known and len(now) >= MOST:
        raise SubscriptionError(f"{MOST} things are followed already: end one that is no longer wanted")
    row = {"subject": subject, "kind": one.kind, "target": one.target, "lead_days": list(one.lead_days)}
    insert_or_change(connection, subscription, {**row, "since": at})


def _names(item: str | None, theme: str, events: Iterable[str]) -> Iterable[tuple[FollowedKind, str]]:
    if item is not None:
        yield "item", item
    for event in events:
        yield "event", event
    yield "theme", theme
