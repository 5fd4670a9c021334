"""Consultations as channels hand them in, each kept once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, select

from records.insertion import insert_new
from records.interactions import ClientIdTaken
from records.tables import consultation as consultations


@dataclass(frozen=True, slots=True)
class ConsultationRecord:
    """One enquiry: what about, where, how it ended; never what was said. Times are aware, UTC."""

    id: str
    subject: str | None
    """None where the caller was not known."""
    topic: str
    channel: str
    at: dt.datetime
    place: str | None = None
    outcome: str | None = None


class ConsultationTaken(ClientIdTaken):
    """Consultations whose id already stands for another one."""


def append_consultations(connection: Connection, sent: Sequence[ConsultationRecord]) -> set[str]:
    """Keep what is new of these consultations; the ids of the new.

    The same one again changes nothing. ConsultationTaken names all whose id has another body: the caller's
    transaction keeps nothing then.
    """
    added = insert_new(connection, consultations, "id", [asdict(one) for one in sent])
    if len(added) < len(sent):
        kept = _kept(connection, {one.id for one in sent})
        if taken := [one.id for one in sent if kept[one.id] != one]:
            raise ConsultationTaken(taken)
    return added


def _kept(connection: Connection, ids: set[str]) -> dict[str, ConsultationRecord]:
    c = consultations.c
    columns = (c.id, c.subject, c.topic, c.channel, c.at, c.place, c.outcome)
    rows = connection.execute(select(*columns).where(c.id.in_(ids)))
    return {row.id: ConsultationRecord(*row) for row in rows}
