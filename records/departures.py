"""Who died, was dissolved or moved away, and since when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from records.series import AT_ONCE, stop_series
from records.tables import departure
from records.tables.vocabulary import DepartureKind


@dataclass(frozen=True, slots=True)
class Departure:
    """How a subject ended, and on which day."""

    kind: DepartureKind
    on: dt.date


def departures_of(connection: Connection, subjects: set[str]) -> dict[str, Departure]:
    """The departures among these subjects."""
    d = departure.c
    rows = connection.execute(select(d.subject, d.kind, d.on).where(d.subject.in_(subjects)))
    return {subject: Departure(kind, on) for subject, kind, on in rows}


def departed_among(connection: Connection, subjects: Sequence[str]) -> set[str]:
    """Those of many subjects of whom a departure is noted."""
    found: set[str] = set()
    for start in range(0, len(subjects), AT_ONCE):
        found |= departures_of(connection, set(subjects[start : start + AT_ONCE])).keys()
    return found


def record_departure(connection: Connection, subject: str, one: Departure, at: dt.datetime) -> None:
    """Note that a subject has departed, and tell them nothing more: every series ends at once.

    A later word on it replaces the earlier.
    """
    connection.execute(departure.delete().where(departure.c.subject == subject))
    values = {"subject": subject, "kind": one.kind, "on": one.on, "recorded_at": at}
    connection.execute(departure.insert().values(**values))
    stop_series(connection, subject, at)
