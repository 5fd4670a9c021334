"""Turns: the cycles of an item that matter to a scope item on a day, and whether they have come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from catalog.catalogue import Item
from catalog.deadline import anchor_of
from catalog.duty import Annual, Before, DeadlineRule, Duty, Monthly, Quarterly, Recurring, Within
from catalog.public_service import PublicService
from catalog.vocabulary import Nature, Procedure
from features.schema import ABSENT, Value
from models.recommendation import Window
from models.standing.windows import ONCE, neighbours
from models.standing.working_days import WorkingCalendar


class Phase(Enum):
    """Where a day lies in a turn."""

    TIMELESS = "timeless"
    """No deadline: always open."""
    OPEN = "open"
    CLOSED = "closed"
    FUTURE = "future"
    ANCHOR_UNKNOWN = "anchor_unknown"
    NOT_BEGUN = "not_begun"
    """The register says that what it counts from has not happened."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One cycle of an item. Without a window it has no dates."""

    cycle: str
    phase: Phase
    window: Window | None = None
    past: bool = False
    """An earlier cycle of a duty that has since come round again, or will."""


def nature_of(item: Item) -> Nature:
    """A support policy is a benefit by its kind; a public service says what it is."""
    return item.nature if isinstance(item, PublicService) else Nature.BENEFIT


def comes_round(rule: DeadlineRule | None) -> bool:
    """Whether a duty has one cycle after another."""
    return isinstance(rule, Annual | Monthly | Quarterly | Recurring)


def anchor_needed(duty: Duty | None) -> str | None:
    """The date attribute a duty counts from, when it counts from one."""
    return anchor_of(duty.rule) if duty else None


def turns_of(item: Item, anchor: Value | None, on: dt.date, calendar: WorkingCalendar) -> Iterator[Turn]:
    """The turns of an item on a day: what is open, else what comes next; and an obligation's last one."""
    duty = item.duty
    if duty is None:
        yield Turn(_timeless_cycle(item, on), Phase.TIMELESS)
    elif anchor_needed(duty) is None:
        yield from _dated_turns(item, duty, None, on, calendar)
    elif anchor is None:
        yield Turn(ONCE, Phase.ANCHOR_UNKNOWN)
    elif isinstance(anchor, dt.date):
        yield from _dated_turns(item, duty, anchor, on, calendar)
    elif anchor is ABSENT:
        unbounded = isinstance(duty.rule, Before) and nature_of(item) is not Nature.OBLIGATION
        yield Turn(ONCE, Phase.TIMELESS if unbounded else Phase.NOT_BEGUN)
    else:
        raise ValueError(f"{anchor_needed(duty)} is a date, but its value is {anchor!r}")


def _timeless_cycle(item: Item, on: dt.date) -> str:
    """An enquiry can be made anew every day; anything else without a deadline is done once."""
    enquiry = isinstance(item, PublicService) and item.procedure is Procedure.ENQUIRY
    return on.isoformat() if enquiry else ONCE


def _dated_turns(
    item: Item, duty: Duty, anchor: dt.date | None, on: dt.date, calendar: WorkingCalendar
) -> Iterator[Turn]:
    around = neighbours(duty, anchor, on, calendar)
    obligation = nature_of(item) is Nature.OBLIGATION
    for window in around.open:
        yield Turn(window.cycle, Phase.OPEN, window)
    if not around.open and around.next:
        early = isinstance(duty.rule, Before) and not obligation
        yield Turn(around.next.cycle, Phase.OPEN if early else Phase.FUTURE, around.next)
    if around.closed and (obligation or not (around.open or around.next)):
        past = comes_round(duty.rule)
        yield Turn(around.closed.cycle, Phase.CLOSED, around.closed, past=past)


def has_last_day_only(rule: DeadlineRule) -> bool:
    """Whether a duty has but a last day, so that it binds even while the date it counts from is unknown."""
    return isinstance(rule, Within | Before)
