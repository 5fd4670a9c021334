"""Deadlines as written (`within(child_birth_date,+1M)`) parsed into deadline rules."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final, cast

from catalog.duty import (
    Annual,
    AroundAnchor,
    Before,
    DeadlineRule,
    Monthly,
    Offset,
    Quarterly,
    Recurring,
    Unit,
    Within,
)
from catalog.faults import WordingError

FORMS: Final = (
    "write within(anchor,+P), before(anchor[,-P]), window(anchor,+P,+P), annual(MM-DD..MM-DD;...), "
    "monthly(a..b), quarterly(+nD) or recurring(anchor,P,-P,+P), with P as 20D, 5WD, 1M, 2Y or 24H"
)
_CALL: Final = re.compile(r"\s*(\w+)\s*\((.*)\)\s*")
_OFFSET: Final = re.compile(r"([+-]?\d+)(H|D|WD|M|Y)")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_DAYS: Final[dict[str, float]] = {"H": 1 / 24, "D": 1, "WD": 1.4, "M": 30.4, "Y": 365.2}


def parse_deadline(text: str) -> DeadlineRule:  # noqa: PLR0911 - one return a form
    """The rule of a deadline. Raises WordingError for anything else, impossible dates included."""
    call = _CALL.fullmatch(text)
    if call is None:
        raise WordingError(f"`{text}` is not a deadline", FORMS)
    form = call.group(1)
    parts = [part.strip() for part in call.group(2).split(";" if form == "annual" else ",")]
    match form, parts:
        case "within", [anchor, period]:
            return Within(_anchor(anchor), _positive(_offset(period), text))
        case "before", [anchor]:
            return Before(_anchor(anchor))
        case "before", [anchor, lead]:
            return Before(_anchor(anchor), _negative(_offset(lead), text))
        case "window", [anchor, opens, closes]:
            return AroundAnchor(_anchor(anchor), *_ordered(_offset(opens), _offset(closes), text))
        case "annual", spans:
            return Annual(tuple(_span(span) for span in spans))
        case "monthly", [days]:
            return _monthly(days)
        case "quarterly", [period]:
            return _quarterly(_offset(period), text)
        case "recurring", [anchor, period, opens, closes]:
            cycle = _positive(_offset(period), text)
            return Recurring(_anchor(anchor), cycle, *_ordered(_offset(opens), _offset(closes), text))
    raise WordingError(f"`{text}` is not a deadline", FORMS)


def anchor_of(rule: DeadlineRule) -> str | None:
    """The date attribute a rule counts from, when it counts from one."""
    match rule:
        case Within(anchor) | Before(anchor) | AroundAnchor(anchor) | Recurring(anchor):
            return anchor
        case Annual() | Monthly() | Quarterly():
            return None


def _anchor(text: str) -> str:
    if _NAME.fullmatch(text):
        return text
    raise WordingError(f"`{text}` is not an attribute", "name the date attribute the deadline counts from")


def _offset(text: str) -> Offset:
    match = _OFFSET.fullmatch(text)
    if match is None:
        raise WordingError(f"`{text}` is not a length of time", "write it as +20D, -3M, 5WD, 2Y or 24H")
    return Offset(int(match.group(1)), cast(Unit, match.group(2)))


def _positive(offset: Offset, text: str) -> Offset:
    if offset.amount <= 0:
        raise WordingError(f"`{text}` ends before it starts", "give the period a positive length")
    return offset


def _negative(offset: Offset, text: str) -> Offset:
    if offset.amount >= 0:
        raise WordingError(f"`{text}` leads the wrong way", "write the lead as a negative length, as in -30D")
    return offset


def _ordered(opens: Offset, closes: Offset, text: str) -> tuple[Offset, Offset]:
    if opens.amount * _DAYS[opens.unit] > closes.amount * _DAYS[closes.unit]:
        raise WordingError(f"`{text}` ends before it starts", "swap the two ends of the window")
    return opens, closes


def _span(text: str) -> tuple[str, str]:
    ends = text.split("..")
    if len(ends) != 2:
        raise WordingError(f"`{text}` is not a span of days", "write it as MM-DD..MM-DD")
    for end in ends:
        _check_day(end)
    if ends[0] > ends[1]:
        raise WordingError(f"`{text}` ends before it starts", "split a span over the new year into two")
    return ends[0], ends[1]


def _check_day(text: str) -> None:
    """Refuse a day that some year does not have, 29 February among them."""
    try:
        dt.date.fromisoformat(f"2023-{text}")
    except ValueError as error:
        raise WordingError(
            f"`{text}` is not a day every year has", "write an existing day as MM-DD"
        ) from error


def _monthly(text: str) -> Monthly:
    days = text.split("..")
    if len(days) != 2 or not all(day.isdecimal() for day in days):
        raise WordingError(f"`{text}` is not a span of days", "write it as 1..15")
    first, last = int(days[0]), int(days[1])
    if not 1 <= first <= last <= 31:
        raise WordingError(f"`{text}` ends before it starts or leaves the month", "keep 1 <= a <= b <= 31")
    return Monthly(first, last)


def _quarterly(offset: Offset, text: str) -> Quarterly:
    if offset.unit != "D":
        raise WordingError(f"`{text}` counts in `{offset.unit}`", "count a quarterly deadline in days (D)")
    return Quarterly(_positive(offset, text).amount)
