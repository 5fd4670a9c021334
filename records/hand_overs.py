"""Hand-overs: which matter a subject took to the portal, and until when the portal may take it up."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Final

from sqlalchemy import Connection, insert, select

from features.schema import Interaction
from records.arrivals import Came, note_arrivals
from records.interactions import append_interactions
from records.tables import hand_over as hand_overs

CHANNEL: Final = "online"


@dataclass(frozen=True, slots=True)
class HandOver:
    """One matter on its way to the portal. Its id is used once."""

    id: str
    subject: str
    scope_item: str
    item: str
    cycle: str
    portal: str
    started_at: dt.datetime
    expires_at: dt.datetime


def keep_hand_over(
    connection: Connection, one: HandOver, at: dt.datetime, received_at: dt.datetime
) -> tuple[int, ...]:
    """Keep a hand-over and the `start` it is, with its arrival; the arrival's id.

    `at` is the business time of the start, `received_at` that on the wall. ScopeItemNotTheirs for a foreign
    scope item.
    """
    start = Interaction(f"start-{one.id}", "start", at, one.item, one.scope_item, CHANNEL)
    append_interactions(connection, one.subject, [start])
    connection.execute(insert(hand_overs).values(asdict(one)))
    came = Came(one.subject, "interaction", (start.client_id,), frozenset({one.item}))
    return note_arrivals(connection, [came], received_at)


def hand_over_with_id(connection: Connection, id: str) -> HandOver | None:
    """The hand-over of this id; None if there is none."""
    row = connection.execute(select(hand_overs).where(hand_overs.c.id == id)).first()
    return None if row is None else HandOver(**row._mapping)
