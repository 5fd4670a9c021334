"""When, in words: the date an entry turns on, counted down where a duty depends on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from models.recommendation import Entry, Standing, Urgency
from serving.wording import Words

DUE_WORDS: Mapping[Urgency, str] = {
    Urgency.OVERDUE: "due_missed",
    Urgency.OBLIGATION: "due_by",
    Urgency.LAPSING: "due_lapse",
}
DUTIES = (Urgency.OBLIGATION, Urgency.OVERDUE)
DATED = (Standing.SHOULD_DO, Standing.CAN_DO, Standing.IN_PROGRESS, Standing.NEEDS_INFORMATION)
"""The standings in which a last day still matters."""
COUNTED_LATE = 90
"""After so many days late the date alone is told."""
COUNTED_AHEAD = 180
"""And so long before, as far ahead as anything is announced: nobody counts the days of five years."""


@dataclass(frozen=True, slots=True)
class Due:
    """When, in words. Only a dated duty counts its days down."""

    text: str
    iso: str | None
    countdown: str | None
    provisional: str | None


def due_of(entry: Entry, on: dt.date, words: Words) -> Due | None:
    """The date an entry turns on, or None where there is none to tell."""
    provisional = words("card.provisional") if entry.provisional else None
    if entry.urgency is Urgency.PROMPTLY:
        return Due(words("card.promptly"), None, None, None)
    if entry.standing is Standing.UPCOMING and entry.opens_on is not None:
        return Due(
            words("card.from", date=words.day(entry.opens_on, on)),
            entry.opens_on.isoformat(),
            None,
            provisional,
        )
    if entry.due_on is None or entry.standing not in DATED:
        return None
    told = _told(entry, on)
    counted = countdown(entry.due_on, on, words) if entry.urgency in DUTIES else None
    return Due(
        words(f"card.{told}", date=words.day(entry.due_on, on)),
        entry.due_on.isoformat(),
        counted,
        provisional,
    )


def _told(entry: Entry, on: dt.date) -> str:
    if entry.urgency is not None:
        return DUE_WORDS[entry.urgency]
    if entry.standing is not Standing.NEEDS_INFORMATION:
        return "due_right"
    return "due_unrecorded" if entry.due_on is not None and entry.due_on < on else "due_if"


def countdown(due_on: dt.date, on: dt.date, words: Words) -> str | None:
    """How many days are left or have gone by, as long as the figure still tells something."""
    left = (due_on - on).days
    if left == 0:
        return words("countdown.today")
    if left > 0:
        return words("countdown.left", n=left) if left <= COUNTED_AHEAD else None
    return words("countdown.late", n=-left) if -left <= COUNTED_LATE else None
