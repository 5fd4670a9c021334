"""The rules of pace: what of a subject's due rows goes now, what waits until when, and what goes together.

Times of day are those of Asia/Shanghai. Nothing here reads a clock or a table.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from records.pace import Pace
from records.settings import SHANGHAI
from records.tables.vocabulary import AddressChannel, Digest

PRESSING: Final = dt.timedelta(days=3)
"""What is due so soon is neither kept for a digest nor joined with others."""
LONGEST_DIGEST: Final = 20
CODE: Final = "code"
"""The template of a verification code: its reader waits for it, at any hour."""
ALONE: Final = frozenset({CODE, "answer"})
"""What was asked for goes by itself."""
DIGEST_HOUR: Final = dt.time(9)
_DAY: Final = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What the rules have to know of one row that is due."""

    id: int
    channel: AddressChannel
    template: str
    due_on: dt.date | None
    created_at: dt.datetime
    message: str | None = None
    """Set once it was claimed: rows of one message stay together in every attempt."""

    def is_pressing(self, at: dt.datetime) -> bool:
        """Whether it must not wait for others."""
        soon = self.due_on is not None and self.due_on <= at.astimezone(SHANGHAI).date() + PRESSING
        return soon or self.template in ALONE


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with a subject's due rows: groups that go now, each as one message, and who waits."""

    go: tuple[tuple[int, ...], ...] = ()
    wait: dict[int, dt.datetime] = field(default_factory=dict)


def plan(rows: Sequence[Waiting], pace: Pace, at: dt.datetime, sent_today: int) -> Plan:
    """The plan for all due rows of one subject and channel; `sent_today` counts all channels together."""
    codes = [row for row in rows if row.template == CODE]
    others = [row for row in rows if row.template != CODE]
    go: list[tuple[int, ...]] = [(row.id,) for row in codes]
    woken = quiet_until(pace, at)
    if woken is not None and not all(row.channel == "letter" for row in others):
        return Plan(tuple(go), {row.id: woken for row in others})
    wait = {row.id: until for row in others if (until := _kept_for_digest(row, pace.digest, at)) is not None}
    groups = _groups([row for row in others if row.id not in wait], pace, at, pace.most_a_day - sent_today)
    slots = max(pace.most_a_day - sent_today, 0)
    tomorrow = start_of_day(at) + _DAY
    for number, group in enumerate(groups):
        if number < slots:
            go.append(tuple(row.id for row in group))
        else:
            wait |= {row.id: tomorrow for row in group}
    return Plan(tuple(go), wait)


def quiet_until(pace: Pace, at: dt.datetime) -> dt.datetime | None:
    """When the subject's quiet hours end; None outside of them."""
    local = at.astimezone(SHANGHAI)
    if not pace.is_quiet(local.time()):
        return None
    morning = local.replace(
        hour=pace.quiet_until.hour, minute=pace.quiet_until.minute, second=0, microsecond=0
    )
    return (morning if morning > local else morning + _DAY).astimezone(dt.UTC)


def start_of_day(at: dt.datetime) -> dt.datetime:
    """Midnight in Shanghai, as an instant."""
    return at.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(dt.UTC)


def digest_time(made: dt.datetime, digest: Digest) -> dt.datetime:
    """The first time of the digest after something came up; at once where there is none."""
    if digest == "none":
        return made
    local = made.astimezone(SHANGHAI)
    first = local.replace(hour=DIGEST_HOUR.hour, minute=0, second=0, microsecond=0)
    if first < local:
        first += _DAY
    if digest == "weekly":
        first += _DAY * (-first.weekday() % 7)
    return first.astimezone(dt.UTC)


def _kept_for_digest(row: Waiting, digest: Digest, at: dt.datetime) -> dt.datetime | None:
    if row.message is not None or row.is_pressing(at):
        return None
    time = digest_time(row.created_at, digest)
    return time if time > at else None


def _groups(rows: Sequence[Waiting], pace: Pace, at: dt.datetime, slots: int) -> list[list[Waiting]]:
    """Messages in the order they should go: those begun before, the pressing ones, the others.

    Others go together where the subject wants a digest, or where more wait than may go today.
    """
    begun: dict[str, list[Waiting]] = {}
    for row in rows:
        if row.message is not None:
            begun.setdefault(row.message, []).append(row)
    fresh = [row for row in rows if row.message is None]
    pressing = sorted((row for row in fresh if row.is_pressing(at)), key=_soonest)
    others = sorted((row for row in fresh if not row.is_pressing(at)), key=_soonest)
    alone = [*begun.values(), *([row] for row in pressing)]
    if pace.digest == "none" and len(alone) + len(others) <= slots:
        return [*alone, *([row] for row in others)]
    single = max(slots - len(alone) - 1, 0) if pace.digest == "none" else 0
    return [*alone, *([row] for row in others[:single]), *_chunks(others[single:])]


def _chunks(rows: Sequence[Waiting]) -> Iterable[list[Waiting]]:
    return (list(rows[n : n + LONGEST_DIGEST]) for n in range(0, len(rows), LONGEST_DIGEST))


def _soonest(row: Waiting) -> tuple[dt.date, dt.datetime, int]:
    return (row.due_on or dt.date.max, row.created_at, row.id)
