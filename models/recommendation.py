"""The words the decided and the learned parts share: verdicts, standings, reasons, homepages.

Everything here is a frozen value. Dates are business dates of Asia/Shanghai.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Protocol

from catalog.vocabulary import Names, SubjectKind
from features.schema import MaskedProfile, Value


class Verdict(IntEnum):
    """Kleene's three values, numbered so that AND is min, OR is max and NOT is 2 - x."""

    FALSE = 0
    UNKNOWN = 1
    TRUE = 2


class Standing(StrEnum):
    """Where one scope item stands with one item in one cycle: the first that holds, in this order."""

    DONE = "done"
    IN_PROGRESS = "in_progress"
    SHOULD_DO = "should_do"
    CAN_DO = "can_do"
    UPCOMING = "upcoming"
    NEEDS_INFORMATION = "needs_information"
    NOT_ELIGIBLE = "not_eligible"


class Urgency(StrEnum):
    """Why a `should_do` is one."""

    OBLIGATION = "obligation"
    """必须办: an obligation whose window is open."""
    OVERDUE = "overdue"
    """An obligation whose window has closed undone."""
    PROMPTLY = "promptly"
    """尽快: an obligation without a deadline; no countdown is shown."""
    LAPSING = "lapsing"
    """别错过: a right about to lapse; never worded as compulsory."""


@dataclass(frozen=True, slots=True)
class CriterionVerdict:
    """One criterion as judged, with what it was judged on."""

    criterion: str
    verdict: Verdict
    expression: str
    legal_source: str
    unknown: tuple[str, ...] = ()
    """Attributes whose value would have to be told (or consented to) to decide it."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """One item judged for one scope item on one day."""

    scope_item: str
    item: str
    on: dt.date
    verdict: Verdict
    criteria: tuple[CriterionVerdict, ...]
    settles: tuple[frozenset[str], ...] = ()
    """For an unknown verdict: the smallest sets of attributes that would settle it."""
    eligible_from: dt.date | None = None
    """For a false verdict that time alone will turn true: the first such day."""


class Judgement(Protocol):
    """What the rules say of one subject on one day: of every scope item, item and event."""

    @property
    def on(self) -> dt.date:
        """The day of judgement."""
        ...

    def verdicts(self, scope_item: str) -> Mapping[str, Verdict]:
        """The verdict of every item and event that ranges over such a scope item."""
        ...

    def value(self, scope_item: str, attribute: str) -> Value | None:
        """What is told of a scope item or its owner, or follows from it; None is unknown."""
        ...

    def unknown(self, scope_item: str, item: str) -> tuple[str, ...]:
        """The attributes that would settle an undetermined item."""
        ...

    def eligible_from(self, scope_item: str, item: str, until: dt.date) -> dt.date | None:
        """The first day up to `until` on which time alone makes a refused item hold."""
        ...

    def verdict_on(self, scope_item: str, item: str, on: dt.date) -> Verdict:
        """The verdict on another day, were nothing to change but the date."""
        ...


class Judge(Protocol):
    """Whoever judges subjects by the rules; models.eligibility has the one of the product."""

    def judge(self, profile: MaskedProfile, on: dt.date) -> Judgement:
        """Judge one subject on one day."""
        ...


@dataclass(frozen=True, slots=True)
class Window:
    """One cycle of a duty. `provisional` when it rests on a holiday calendar not yet published."""

    cycle: str
    opens_on: dt.date
    due_on: dt.date
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an item is shown where it is, fit to be read by the person it concerns."""

    code: str
    text: Names


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a homepage: an item's standing for one scope item."""

    item: str
    scope_item: str
    label: str | None
    standing: Standing
    ready: bool
    cycle: str
    urgency: Urgency | None = None
    opens_on: dt.date | None = None
    due_on: dt.date | None = None
    provisional: bool = False
    missing: tuple[str, ...] = ()
    """Evidence types still to bring."""
    unknown: tuple[str, ...] = ()
    """Attributes that would settle a `needs_information`."""
    reasons: tuple[Reason, ...] = ()
    score: float | None = None
    """The learned score it was ranked by; None in rule order."""
    set_aside: dt.date | None = None
    """The day it is recommended again, where the subject asked to be spared it; still in the whole list."""


@dataclass(frozen=True, slots=True)
class ThemeSection:
    """The entries of one theme, in rank order."""

    theme: str
    names: Names
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class EventProgress:
    """How far a subject is with a life or business event."""

    event: str
    scope_item: str
    label: str | None
    done: tuple[str, ...]
    open: tuple[str, ...]
    """Steps that can be taken now."""
    waiting: tuple[str, ...]
    enrolled: bool
    due_on: dt.date | None = None
    probability: float | None = None
    """A forecast, where the event has not been announced by a register or the subject."""
    in_progress: tuple[str, ...] = ()
    """Steps under way: neither done nor to be taken again."""


@dataclass(frozen=True, slots=True)
class Homepage:
    """All a page shows: standings first, then themes; ranking inside the rule fence."""

    subject: str
    kind: SubjectKind
    on: dt.date
    catalogue_version: str
    should_do: tuple[Entry, ...]
    can_do: tuple[Entry, ...]
    upcoming: tuple[Entry, ...]
    needs_information: tuple[Entry, ...]
    in_progress: tuple[Entry, ...]
    done: tuple[Entry, ...]
    themes: tuple[ThemeSection, ...]
    events: tuple[EventProgress, ...] = ()
    ordered_by: str = "rules"
    """`rules`, or the name and version of the ranker."""
    degraded: tuple[str, ...] = field(default=())
    """Codes of what is missing or stale (`model_missing`, `features_stale:ga`), shown on the page."""
