"""Deadline rules, as data. Turning them into windows of dates is the business of models.standing."""

from __future__ import annotations

from typing import Literal

import msgspec

Unit = Literal["H", "D", "WD", "M", "Y"]


class Offset(msgspec.Struct, frozen=True):
    """A signed length of time: hours, days, working days, months or years."""

    amount: int
    unit: Unit


class Within(msgspec.Struct, frozen=True, tag="within"):
    """From the anchor until `period` after it."""

    anchor: str
    period: Offset


class Before(msgspec.Struct, frozen=True, tag="before"):
    """No later than anchor + `lead`, which is signed as written: -3M is three months before it.

    Without a lead, no later than the anchor itself.
    """

    anchor: str
    lead: Offset | None = None


class AroundAnchor(msgspec.Struct, frozen=True, tag="window"):
    """From anchor + `opens` to anchor + `closes` (either may be negative)."""

    anchor: str
    opens: Offset
    closes: Offset


class Annual(msgspec.Struct, frozen=True, tag="annual"):
    """Every year, from one MM-DD to another, one or more times."""

    spans: tuple[tuple[str, str], ...]


class Monthly(msgspec.Struct, frozen=True, tag="monthly"):
    """Every month, between two days of it."""

    first_day: int
    last_day: int


class Quarterly(msgspec.Struct, frozen=True, tag="quarterly"):
    """Within so many days after each quarter's end."""

    days: int


class Recurring(msgspec.Struct, frozen=True, tag="recurring"):
    """Every `period` after the anchor, from that day + `opens` (-1M: a month before it) to + `closes`."""

    anchor: str
    period: Offset
    opens: Offset
    closes: Offset


DeadlineRule = Within | Before | AroundAnchor | Annual | Monthly | Quarterly | Recurring


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """An item's deadline: the rule, how its last day rolls over holidays, and the usual lead."""

    expression: str
    rule: DeadlineRule
    rolls: bool = False
    """True where the law moves a last day that is a holiday to the next working day (tax)."""
    lead_days: int = 30
    """How long before the end a right that lapses is worth telling about."""
