"""The day to suggest: a working day within the window, when the papers can be there and offices are quiet."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Final, Protocol

from models.invitation.planning import Planning
from models.recommendation import Entry

DAY: Final = dt.timedelta(days=1)


class WorkingDays(Protocol):
    """The working calendar, as far as a visit needs it; models.standing has the one of the product."""

    def is_working(self, day: dt.date) -> bool:
        """Whether offices are open on a day."""
        ...

    def is_published(self, first: dt.date, last: dt.date) -> bool:
        """Whether the holidays of all those days are known."""
        ...

    def shift(self, day: dt.date, working_days: int) -> dt.date:
        """So many working days after a day, or before it."""
        ...


class OfficeLoad(Protocol):
    """How busy the offices that do an item are expected to be."""

    def load(self, item: str, day: dt.date) -> float | None:
        """Expected load on a day, 1 being usual; None where nothing is forecast."""
        ...


@dataclass(frozen=True, slots=True)
class VisitDay:
    """A suggested day; `tight` where none leaves the usual time for papers, `provisional` as windows are."""

    on: dt.date
    tight: bool
    provisional: bool


def visit_day(
    subject: str,
    entry: Entry,
    on: dt.date,
    calendar: WorkingDays,
    planning: Planning,
    load: OfficeLoad | None = None,
) -> VisitDay:
    """The working day to suggest for an entry, asked on a day; the same arguments give the same day.

    Never before the window or the right opens, and never after the last day while that is still ahead.
    Among the quietest days subjects are spread evenly.
    """
    first = _earliest(entry, on, calendar, planning)
    last = _latest(entry, on, calendar, planning)
    tight = last is not None and last < first
    if tight:
        chosen = _last_chance(entry, on, calendar)
    else:
        late = entry.due_on is not None and entry.due_on < on
        spread = planning.late_spread_working_days if late else planning.spread_working_days
        end = calendar.shift(first, spread)
        days = _working(first, min(end, last or end), calendar)
        chosen = _spread(_quiet(days, entry.item, planning, load), subject, entry)
    return VisitDay(chosen, tight, not calendar.is_published(on, chosen))


def _earliest(entry: Entry, on: dt.date, calendar: WorkingDays, planning: Planning) -> dt.date:
    wait = planning.notice_working_days
    if entry.missing:
        wait = max(wait, planning.paper_working_days)
    day = calendar.shift(on, wait) if wait else on
    day = max(day, entry.opens_on or day)
    return day if calendar.is_working(day) else calendar.shift(day, 1)


def _latest(entry: Entry, on: dt.date, calendar: WorkingDays, planning: Planning) -> dt.date | None:
    """The last day that leaves the margin; None without a last day or with one that has passed."""
    if entry.due_on is None or entry.due_on < on:
        return None
    return calendar.shift(entry.due_on + DAY, -1 - planning.margin_working_days)


def _last_chance(entry: Entry, on: dt.date, calendar: WorkingDays) -> dt.date:
    """The last working day of the window; where that is gone already, the next one there is."""
    due = entry.due_on or on
    day = due if calendar.is_working(due) else calendar.shift(due, -1)
    opens = max(on, entry.opens_on or on)
    if day >= opens:
        return day
    return opens if calendar.is_working(opens) else calendar.shift(opens, 1)


def _working(first: dt.date, last: dt.date, calendar: WorkingDays) -> list[dt.date]:
    span = (max(first, last) - first).days
    days = [first + dt.timedelta(days=n) for n in range(span + 1)]
    return [day for day in days if calendar.is_working(day)]


def _quiet(days: list[dt.date], item: str, planning: Planning, load: OfficeLoad | None) -> list[dt.date]:
    """The days no busier than the quietest, within what counts as even; all where nothing is forecast."""
    forecast = {day: load.load(item, day) for day in days} if load is not None else {}
    known = [busy for busy in forecast.values() if busy is not None]
    if not known:
        return days
    limit = min(known) + planning.even_load
    return [day for day, busy in forecast.items() if busy is not None and busy <= limit]


def _spread(days: list[dt.date], subject: str, entry: Entry) -> dt.date:
    key = f"{subject}|{entry.scope_item}|{entry.item}|{entry.cycle}".encode()
    number = int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "big")
    return days[number % len(days)]
