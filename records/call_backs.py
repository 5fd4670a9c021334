"""What closed consultations were answered with (互动回拨), each once; counted by what came of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from sqlalchemy import Connection, func, select

from records.consultations import ConsultationRecord
from records.insertion import insert_new
from records.tables import call_back as call_backs
from records.tables import consultation as consultations
from records.tables.vocabulary import CallBackOutcome


def unanswered(connection: Connection, ids: Collection[str]) -> tuple[ConsultationRecord, ...]:
    """Those of these consultations that nothing was decided on yet, in the order they were held."""
    c = consultations.c
    columns = (c.id, c.subject, c.topic, c.channel, c.at, c.place, c.outcome)
    waiting = (
        select(*columns)
        .outerjoin(call_backs, call_backs.c.consultation == c.id)
        .where(c.id.in_(ids), call_backs.c.consultation.is_(None))
        .order_by(c.at, c.id)
    )
    return tuple(ConsultationRecord(*row) for row in connection.execute(waiting))


def keep_call_back(
    connection: Connection,
    consultation: str,
    outcome: CallBackOutcome,
    at: dt.datetime,
    items: Sequence[str] = (),
    key: str | None = None,
) -> bool:
    """Keep what came of a consultation; whether that is new."""
    row = {"consultation": consultation, "outcome": outcome, "items": list(items), "key": key, "at": at}
    return bool(insert_new(connection, call_backs, "consultation", [row]))


def call_back_counts(connection: Connection) -> dict[str, int]:
    """How many consultations came to what; `not_decided` are those of nobody known, or still to come."""
    outcome = func.coalesce(call_backs.c.outcome, "not_decided")
    joined = consultations.outerjoin(call_backs, call_backs.c.consultation == consultations.c.id)
    rows = connection.execute(select(outcome, func.count()).select_from(joined).group_by(outcome))
    return {str(name): count for name, count in rows}
