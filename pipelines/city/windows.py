"""Deadline rules on whole columns: how urgent an item is for each row in a month, and which cycle it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from catalog.duty import Annual, AroundAnchor, Before, Duty, Monthly, Offset, Quarterly, Recurring, Within
from pipelines.city.randomness import Bools, Floats, Ints

_DAYS = {"H": 1 / 24, "D": 1.0, "WD": 1.45, "M": 30.44, "Y": 365.2425}
PLANNING_DAYS = 120.0
"""How long before its last day people begin to think of what only has a last day."""
NOT_YET, OPEN, CLOSING, OVERDUE = "not_yet", "open", "closing", "overdue"


@dataclass(frozen=True, slots=True)
class Windows:
    """One item's windows in one month: the phase of each row, and the first day of the cycle."""

    phase: Floats
    """The urgency multiplier."""
    opens: Ints
    """A success on or after this day (number) counts for the cycle."""


def days_of(offset: Offset) -> float:
    """A length of time in days, near enough for a month's step."""
    return offset.amount * _DAYS[offset.unit]


def windows(
    duty: Duty | None,
    anchors: Mapping[str, Floats],
    rows: int,
    month: tuple[dt.date, dt.date],
    urgency: dict[str, float],
) -> Windows | None:
    """The windows of a duty for each row, from its anchors' days (NaN for none); None without a duty."""
    if duty is None:
        return None
    first, last = month
    match duty.rule:
        case Monthly():
            return _same(rows, urgency[CLOSING], first)
        case Quarterly():
            start = dt.date(first.year, 3 * ((first.month - 1) // 3) + 1, 1)
            return _same(rows, urgency[CLOSING if first.month == start.month else NOT_YET], start)
        case Annual(spans):
            return _annual(rows, spans, first, last, urgency)
        case rule:
            return _anchored(anchors.get(rule.anchor), _span(rule), first, urgency)


def _span(rule: Within | Before | AroundAnchor | Recurring) -> tuple[float, float]:
    """Days from the anchor to the window's first and last day."""
    match rule:
        case Within(_, period):
            return 0.0, days_of(period)
        case Before(_, lead):
            closes = days_of(lead) if lead is not None else 0.0
            return closes - PLANNING_DAYS, closes
        case AroundAnchor(_, opens, closing):
            return days_of(opens), days_of(closing)
        case Recurring(_, period, opens, closing):
            return days_of(period) + days_of(opens), days_of(period) + days_of(closing)


def _same(rows: int, phase: float, opens: dt.date) -> Windows:
    return Windows(np.full(rows, phase), np.full(rows, (opens - dt.date(1970, 1, 1)).days))


def _annual(
    rows: int, spans: tuple[tuple[str, str], ...], first: dt.date, last: dt.date, urgency: dict[str, float]
) -> Windows:
    phase, opens = NOT_YET, dt.date(first.year, 1, 1)
    for start, end in spans:
        opened, closed = _day(first.year, start), _day(first.year, end)
        if opened <= last and closed >= first:
            phase = CLOSING if (closed - first).days <= 45 else OPEN
            opens = opened
    return _same(rows, urgency[phase], opens)


def _day(year: int, month_day: str) -> dt.date:
    month, day = (int(part) for part in month_day.split("-"))
    return dt.date(year, month, min(day, 28) if month == 2 else day)


def anchor_days(frame: pl.DataFrame, names: Collection[str]) -> dict[str, Floats]:
    """Date columns as days since 1970, NaN for none."""
    if not names:
        return {}
    days = frame.select(pl.col(sorted(names)).to_physical().cast(pl.Float64).fill_null(np.nan))
    return {name: days[name].to_numpy() for name in days.columns}


def _anchored(
    days: Floats | None, span: tuple[float, float], first: dt.date, urgency: dict[str, float]
) -> Windows | None:
    if days is None:
        return None
    known: Bools = ~np.isnan(days)
    now = (first - dt.date(1970, 1, 1)).days + 30.0
    opens, closes = days + span[0], days + span[1]
    phase = np.full(len(days), urgency[OPEN])
    phase[now < opens] = urgency[NOT_YET]
    phase[(now >= opens) & (closes - now < 45)] = urgency[CLOSING]
    phase[now - 30.0 > closes] = urgency[OVERDUE]
    start = np.where(known, opens, -(2.0**31)).astype(np.int64)
    return Windows(np.where(known, phase, urgency[OPEN]), start)
