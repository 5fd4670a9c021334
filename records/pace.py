"""How often and when a subject lets itself be told outside the inbox: a cap, quiet hours, a digest."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select

from records.insertion import insert_or_change
from records.tables import pace
from records.tables.vocabulary import Digest

MIDNIGHT: Final = dt.time(0)


@dataclass(frozen=True, slots=True)
class Pace:
    """One subject's choices. Times of day are those of Asia/Shanghai."""

    most_a_day: int = 3
    """Pushes by all channels together in one day of Shanghai; verification codes are not counted."""
    quiet_from: dt.time = dt.time(22)
    quiet_until: dt.time = dt.time(8)
    """From then on pushes go out again; equal to `quiet_from`: there are no quiet hours."""
    digest: Digest = "none"

    def __post_init__(self) -> None:
        if not 1 <= self.most_a_day <= 50:
            raise ValueError(f"most_a_day is {self.most_a_day}: choose 1 to 50")

    def is_quiet(self, time: dt.time) -> bool:
        """Whether a time of day lies in the quiet hours, which may go past midnight."""
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= time < self.quiet_until
        return time >= self.quiet_from or time < self.quiet_until


def pace_of(connection: Connection, subject: str) -> Pace:
    """What the subject has chosen, read afresh; the defaults for whoever has chosen nothing."""
    return paces_of(connection, {subject}).get(subject, Pace())


def paces_of(connection: Connection, subjects: set[str]) -> dict[str, Pace]:
    """The choices of those of the subjects that have made any."""
    rows = connection.execute(select(pace).where(pace.c.subject.in_(subjects)))
    return {
        row.subject: Pace(row.most_a_day, _time(row.quiet_from), _time(row.quiet_until), row.digest)
        for row in rows
    }


def choose_pace(connection: Connection, subject: str, chosen: Pace, at: dt.datetime) -> None:
    """Keep a subject's choice in place of the one before."""
    row = {
        "subject": subject,
        "most_a_day": chosen.most_a_day,
        "quiet_from": _minutes(chosen.quiet_from),
        "quiet_until": _minutes(chosen.quiet_until),
        "digest": chosen.digest,
        "changed_at": at,
    }
    insert_or_change(connection, pace, row)


def _time(minutes: int) -> dt.time:
    return dt.time(minutes // 60, minutes % 60)


def _minutes(time: dt.time) -> int:
    return time.hour * 60 + time.minute
