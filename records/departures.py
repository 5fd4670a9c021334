"""Who died, was dissolved or moved away, since when, and by whose word; and how a wrong word is taken back.

What one source says, that source takes back, or an operator does with a reason; what another source says
keeps standing. What is taken back is kept, so that an old file does not bring it back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl
from sqlalchemy import ColumnElement, Connection, select, update

from records.bulk import read_rows
from records.insertion import insert_or_change
from records.series import AT_ONCE, stop_series
from records.tables import departure
from records.tables.vocabulary import DepartureKind

OPERATOR: Final = "operator"
"""The source of what an operator notes; a register's is the name of its table, a file's is in the file."""
STANDS: Final[ColumnElement[bool]] = departure.c.taken_back_at.is_(None)
"""Which of the departures told of nobody has taken back."""


@dataclass(frozen=True, slots=True)
class Departure:
    """How a subject ended, on which day, and whose word that is."""

    kind: DepartureKind
    on: dt.date
    source: str = OPERATOR


def every_departure_of(connection: Connection, subject: str) -> tuple[Departure, ...]:
    """The departures of a subject that stand, of every source: deaths first, then by day."""
    return _standing(connection, {subject}).get(subject, ())


def departures_of(connection: Connection, subjects: set[str]) -> dict[str, Departure]:
    """The departures that stand among these subjects; of several of one subject a death, else the first."""
    return {subject: found[0] for subject, found in _standing(connection, subjects).items()}


def departed_among(connection: Connection, subjects: Sequence[str]) -> set[str]:
    """Those of many subjects of whom a departure stands."""
    found: set[str] = set()
    for start in range(0, len(subjects), AT_ONCE):
        found |= departures_of(connection, set(subjects[start : start + AT_ONCE])).keys()
    return found


def departures_by(connection: Connection, source: str) -> pl.DataFrame:
    """`subject, on, kind, taken_back_at` of all that a source ever told, what was taken back too."""
    d = departure.c
    return read_rows(connection, select(d.subject, d.on, d.kind, d.taken_back_at).where(d.source == source))


def record_departure(connection: Connection, subject: str, one: Departure, at: dt.datetime) -> None:
    """Note that a subject has departed, and tell them nothing more: every series ends at once.

    A later word of the same source replaces its earlier one.
    """
    mine = (departure.c.subject == subject, departure.c.source == one.source)
    connection.execute(departure.delete().where(*mine, STANDS))
    row = {"subject": subject, "source": one.source, "on": one.on, "kind": one.kind}
    insert_or_change(connection, departure, {**row, "recorded_at": at, "taken_back_at": None})
    stop_series(connection, subject, at)


def take_back_departure(
    connection: Connection, subject: str, source: str, since: dt.datetime, at: dt.datetime
) -> int:
    """Take back, at an instant, what one source said of a subject before another; how many departures.

    Nothing that ended with them begins again: what is open is judged anew by whoever judges next.
    """
    mine = (departure.c.subject == subject, departure.c.source == source, STANDS)
    said = update(departure).where(*mine).values(taken_back_at=since, recorded_at=at)
    return connection.execute(said).rowcount


def _standing(connection: Connection, subjects: set[str]) -> dict[str, tuple[Departure, ...]]:
    d = departure.c
    statement = select(d.subject, d.kind, d.on, d.source).where(d.subject.in_(subjects), STANDS)
    found: dict[str, tuple[Departure, ...]] = {}
    for subject, *rest in connection.execute(statement.order_by(d.kind != "death", d.on, d.source)):
        found[subject] = (*found.get(subject, ()), Departure(*rest))
    return found
