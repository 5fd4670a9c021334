"""What a subject asked to be left out of what is recommended, and until when.

A wish is an instruction about the subject's own page. It is followed whatever was consented to, and serves
nothing else: only what a profile masked to rank shows of behaviour may move other items.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from models.feedback.terms import Terms
from models.recommendation import Entry

Wanted = Literal["not_for_me", "later", "again"]
"""`again` takes back whatever was said before."""


@dataclass(frozen=True, slots=True)
class Said:
    """One thing a subject said of an item, for one scope item or (None) for all it ranges over."""

    item: str
    scope_item: str | None
    wanted: Wanted
    at: dt.datetime
    on: dt.date
    """The business date it was said on."""
    until: dt.date | None = None
    """The day to come back to it; None leaves it to the terms."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """Until which day (that day no longer counted) a pair of scope item and item is set aside."""

    until: Mapping[tuple[str | None, str], dt.date] = field(default_factory=dict)

    def aside(self, scope_item: str, item: str, on: dt.date) -> dt.date | None:
        """The day a pair comes back, if it is set aside on a day."""
        found = (self.until.get((scope_item, item)), self.until.get((None, item)))
        return max((day for day in found if day is not None and day > on), default=None)


NONE = Wishes()


def wishes_of(said: Iterable[Said], terms: Terms) -> Wishes:
    """What stands of all a subject said, whatever order it comes in; the last word on a pair counts.

    Each "not for me" that was not taken back since holds longer than the one before.
    """
    until: dict[tuple[str | None, str], dt.date] = {}
    times: dict[tuple[str | None, str], int] = {}
    for one in sorted(said, key=_order):
        pair = (one.scope_item, one.item)
        if one.wanted == "again":
            for known in [known for known in until if _covers(pair, known)]:
                del until[known], times[known]
            continue
        if one.wanted == "not_for_me":
            times[pair] = times.get(pair, 0) + 1
            months = terms.hidden_months[min(times[pair], len(terms.hidden_months)) - 1]
            until[pair] = one.until or _months_later(one.on, months)
        else:
            times.setdefault(pair, 0)
            until[pair] = one.until or one.on + dt.timedelta(days=terms.postponed_days)
    return Wishes(until)


def set_aside(
    entries: Iterable[Entry], wishes: Wishes, is_duty: Callable[[Entry], bool], on: dt.date
) -> tuple[Entry, ...]:
    """The same entries, those the subject does not want last and marked with the day they come back.

    Nothing is lost: what is set aside stays in the whole list. A duty is never moved or marked.
    """
    kept, aside = [], []
    for entry in entries:
        day = None if is_duty(entry) else wishes.aside(entry.scope_item, entry.item, on)
        if day is None:
            kept.append(entry)
        else:
            aside.append(replace(entry, set_aside=day))
    return (*kept, *aside)


def _order(one: Said) -> tuple[object, ...]:
    """In the order of saying; of what was said at one instant, taking back counts last."""
    return (one.at, one.wanted == "again", one.item, one.scope_item or "", one.wanted)


def _covers(pair: tuple[str | None, str], known: tuple[str | None, str]) -> bool:
    return pair[1] == known[1] and (pair[0] in (None, known[0]) or known[0] is None)


def _months_later(day: dt.date, months: int) -> dt.date:
    """The same day of a later month, or the first of the month after where it has no such day."""
    number = day.year * 12 + day.month - 1 + months
    try:
        return dt.date(number // 12, number % 12 + 1, day.day)
    except ValueError:
        return dt.date((number + 1) // 12, (number + 1) % 12 + 1, 1)
