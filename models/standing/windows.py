"""Deadline rules as windows of dates, cycle by cycle.

A window depends on the rule and its anchor, never on the day one asks. The day of the anchor itself
is not counted, a period of months ends on the same day of its last month, and on that month's last
day where there is no such day (民法典 201, 202).
"""

from __future__ import annotations

import calendar
import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from catalog.duty import (
    Annual,
    AroundAnchor,
    Before,
    DeadlineRule,
    Duty,
    Monthly,
    Offset,
    Quarterly,
    Recurring,
    Within,
)
from models.recommendation import Window
from models.standing.working_days import WorkingCalendar

ONCE = "once"
"""The cycle of an item without a deadline."""
PLANNING_DAYS = 180
"""How far ahead of its last day a duty that only has a last day is worth doing."""
HOURS_A_DAY = 24


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The windows around a day: the one that closed last, those open, and the one that opens next."""

    closed: Window | None
    open: tuple[Window, ...]
    next: Window | None


def shifted(day: dt.date, offset: Offset, working_calendar: WorkingCalendar) -> dt.date:
    """A day plus a signed length of time, month ends and leap days clamped."""
    match offset.unit:
        case "H":
            return day + dt.timedelta(days=math.ceil(offset.amount / HOURS_A_DAY))
        case "D":
            return day + dt.timedelta(days=offset.amount)
        case "WD":
            return working_calendar.shift(day, offset.amount)
        case "M":
            return add_months(day, offset.amount)
        case "Y":
            return add_months(day, 12 * offset.amount)


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day of a later (or earlier) month, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def anchored_window(duty: Duty, anchor: dt.date, working_calendar: WorkingCalendar) -> Window:
    """The one window of a duty that counts from a date."""
    match duty.rule:
        case Within(_, period):
            opens, due = anchor, shifted(anchor, period, working_calendar)
        case Before(_, lead):
            due = anchor if lead is None else shifted(anchor, lead, working_calendar)
            opens = due - dt.timedelta(days=PLANNING_DAYS)
        case AroundAnchor(_, opens_after, closes_after):
            opens = shifted(anchor, opens_after, working_calendar)
            due = shifted(anchor, closes_after, working_calendar)
        case rule:
            raise ValueError(f"{type(rule).__name__} has a window every cycle, not one")
    window = Window(f"{ONCE}:{anchor.isoformat()}", opens, due)
    return _rolled(window, duty, working_calendar, counted_from=anchor)


@lru_cache(maxsize=1 << 14)
def neighbours(
    duty: Duty, anchor: dt.date | None, on: dt.date, working_calendar: WorkingCalendar
) -> Neighbours:
    """The windows around a day. A rule that counts from a date needs its `anchor`."""
    closed: Window | None = None
    opened: list[Window] = []
    for window in _from_long_before(duty, anchor, on, working_calendar):
        if window.opens_on > on:
            return Neighbours(closed, tuple(opened), window)
        if window.due_on < on:
            closed = window
        else:
            opened.append(window)
    return Neighbours(closed, tuple(opened), None)


def _from_long_before(
    duty: Duty, anchor: dt.date | None, on: dt.date, working_calendar: WorkingCalendar
) -> Iterator[Window]:
    """The windows of a duty in order, from one that closed before `on` (if any) onwards."""
    match duty.rule:
        case Annual() | Monthly() | Quarterly() as rule:
            for window in _calendar_windows(rule, on.year):
                yield _rolled(window, duty, working_calendar, counted_from=window.opens_on)
        case Recurring() as rule:
            yield from _recurring(duty, rule, _needed(anchor), on, working_calendar)
        case _:
            yield anchored_window(duty, _needed(anchor), working_calendar)


def _needed(anchor: dt.date | None) -> dt.date:
    if anchor is None:
        raise ValueError("this duty counts from a date, and none was given")
    return anchor


def _calendar_windows(rule: Annual | Monthly | Quarterly, year: int) -> Iterator[Window]:
    """The windows of three years, the middle one being `year`, in order."""
    for each in (year - 1, year, year + 1):
        match rule:
            case Annual(spans):
                yield from _spans(spans, each)
            case Monthly(first, last):
                for month in range(1, 13):
                    cycle = f"{each}-{month:02}"
                    yield Window(cycle, _in_month(each, month, first), _in_month(each, month, last))
            case Quarterly(days):
                for quarter in (1, 2, 3, 4):
                    end = _in_month(each, 3 * quarter, 31)
                    opens, due = end + dt.timedelta(days=1), end + dt.timedelta(days=days)
                    yield Window(f"{each}-Q{quarter}", opens, due)


def _spans(spans: tuple[tuple[str, str], ...], year: int) -> list[Window]:
    """A year's windows in order of time; several are told apart as `2026-S1`, `2026-S2` as written."""
    windows = [
        Window(
            f"{year}" if len(spans) == 1 else f"{year}-S{number}",
            dt.date.fromisoformat(f"{year}-{first}"),
            dt.date.fromisoformat(f"{year}-{last}"),
        )
        for number, (first, last) in enumerate(spans, start=1)
    ]
    return sorted(windows, key=lambda window: window.opens_on)


def _in_month(year: int, month: int, day: int) -> dt.date:
    return dt.date(year, month, min(day, calendar.monthrange(year, month)[1]))


def _recurring(
    duty: Duty, rule: Recurring, anchor: dt.date, on: dt.date, working_calendar: WorkingCalendar
) -> Iterator[Window]:
    """From the cycle before the one `on` falls in. Every cycle is counted from the anchor itself."""
    period = shifted(anchor, rule.period, working_calendar) - anchor
    number = max(1, (on - anchor) // period - 2)
    while True:
        day = shifted(anchor, Offset(rule.period.amount * number, rule.period.unit), working_calendar)
        opens = shifted(day, rule.opens, working_calendar)
        due = shifted(day, rule.closes, working_calendar)
        yield _rolled(Window(day.isoformat(), opens, due), duty, working_calendar, counted_from=anchor)
        number += 1


def _rolled(window: Window, duty: Duty, working_calendar: WorkingCalendar, counted_from: dt.date) -> Window:
    """The window with its last day moved where the law moves it, marked where that may yet change."""
    due = window.due_on
    if duty.rolls:
        filing = isinstance(duty.rule, Monthly | Quarterly)
        due = working_calendar.lengthen(window.opens_on, due) if filing else working_calendar.roll(due)
    first, last = min(counted_from, window.opens_on), max(counted_from, due)
    guessed = (duty.rolls or _counts_working_days(duty.rule)) and not working_calendar.is_published(
        due if not _counts_working_days(duty.rule) else first, last
    )
    return replace(window, due_on=due, provisional=guessed)


def _counts_working_days(rule: DeadlineRule) -> bool:
    match rule:
        case Within(_, period):
            return period.unit == "WD"
        case Before(_, lead):
            return lead is not None and lead.unit == "WD"
        case AroundAnchor(_, opens, closes):
            return "WD" in (opens.unit, closes.unit)
        case Recurring(_, period, opens, closes):
            return "WD" in (period.unit, opens.unit, closes.unit)
        case _:
            return False
