"""What would be different: two homepages of one subject compared, line by line and event by event."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Generic, Literal, TypeVar

from models.recommendation import Entry, EventProgress, Homepage, Urgency
from models.standing.windows import ONCE

Cause = Literal["supposition", "time"]
"""What makes a difference: what was supposed, or the day alone."""
Line = TypeVar("Line", Entry, EventProgress)

OF_ENTRIES: Final = ("standing", "urgency", "ready", "opens_on", "due_on", "missing", "unknown")
OF_EVENTS: Final = ("done", "in_progress", "open", "waiting", "due_on")


@dataclass(frozen=True, slots=True)
class Change(Generic[Line]):
    """One line before and after: None before where it appears, None after where it disappears."""

    before: Line | None
    after: Line | None
    fields: tuple[str, ...]
    """What differs, for a line that is there before and after."""
    cause: Cause


@dataclass(frozen=True, slots=True)
class WhatIf:
    """All that differs, in the order of the later page; what disappears comes last."""

    entries: tuple[Change[Entry], ...]
    events: tuple[Change[EventProgress], ...]


def compare(now: Homepage, then: Homepage, supposed: Homepage) -> WhatIf:
    """From the page as it is `now` to the page as it is `supposed`.

    `then` is the page of the supposed one's day with nothing supposed: what differs there already is
    the work of time. Raises ValueError for pages of different subjects, or of days that do not fit.
    """
    if len({page.subject for page in (now, then, supposed)}) > 1 or then.on != supposed.on:
        raise ValueError("compare the pages of one subject, the last two of one day")
    of_entries = _changes(entries_of(now), entries_of(then), entries_of(supposed), OF_ENTRIES)
    of_events = _changes(now.events, then.events, supposed.events, OF_EVENTS)
    return WhatIf(tuple(of_entries), tuple(of_events))


def entries_of(page: Homepage) -> tuple[Entry, ...]:
    """Every entry of a page once, section after section."""
    return (
        *(*page.should_do, *page.can_do, *page.upcoming),
        *(*page.needs_information, *page.in_progress, *page.done),
    )


def _changes(
    now: Sequence[Line], then: Sequence[Line], supposed: Sequence[Line], fields: Sequence[str]
) -> Iterator[Change[Line]]:
    by_time_alone = {after: before for before, after in _pairs(then, supposed) if after is not None}
    gone_by_time = {before for before, after in _pairs(now, then) if after is None}
    for before, after in _pairs(now, supposed):
        if after is None:
            yield Change(before, None, (), "time" if before in gone_by_time else "supposition")
            continue
        counterpart = by_time_alone[after]
        if before is None:
            yield Change(None, after, (), "supposition" if counterpart is None else "time")
        elif differing := _differing(before, after, fields):
            timely = counterpart is not None and not _differing(counterpart, after, differing)
            yield Change(before, after, differing, "time" if timely else "supposition")


def _differing(before: Line, after: Line, fields: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in fields if getattr(before, name) != getattr(after, name))


def _pairs(before: Sequence[Line], after: Sequence[Line]) -> Iterator[tuple[Line | None, Line | None]]:
    """Lines of the same item and scope item side by side, those of one cycle first.

    A window that moved is another cycle of what is still one line to whoever reads it.
    """
    left = list(before)
    partners: dict[Line, Line] = {}
    for same in (_is_same, _has_moved):
        for line in after:
            partner = next((old for old in left if same(old, line)), None)
            if line not in partners and partner is not None:
                partners[line] = partner
                left.remove(partner)
    yield from ((partners.get(line), line) for line in after)
    yield from ((line, None) for line in left)


def _identity(line: Entry | EventProgress) -> tuple[str, str]:
    return (line.item if isinstance(line, Entry) else line.event, line.scope_item)


def _is_same(old: Entry | EventProgress, new: Entry | EventProgress) -> bool:
    cycles = {line.cycle if isinstance(line, Entry) else None for line in (old, new)}
    return _identity(old) == _identity(new) and len(cycles) == 1


def _has_moved(old: Entry | EventProgress, new: Entry | EventProgress) -> bool:
    """Whether a line is another cycle of an earlier one; what one year owes is not what the next one asks."""
    owed = isinstance(old, Entry) and old.urgency is Urgency.OVERDUE and not old.cycle.startswith(ONCE)
    return _identity(old) == _identity(new) and not owed
