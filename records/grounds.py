"""Which pushes may still go out, and where to: the grounds they were written on, many read afresh at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, select

from catalog.vocabulary import Names
from models.recommendation import Reason
from privacy.cipher import KEY_BYTES, Envelope, place
from records.contacts import Destination
from records.deliveries import Due, rows_with_ids
from records.departures import departures_of
from records.inbox import Message
from records.keys import Secrets
from records.pushes import Standpoint, standpoints
from records.reliance import RECOMMENDATION
from records.tables import contact, contact_check, inbox

CODE: Final = "code"
_TOLD: Final = (
    *(inbox.c.id, inbox.c.subject, inbox.c.item, inbox.c.topic, inbox.c.required, inbox.c.asked),
    *(inbox.c.delicate, inbox.c.closed_at, inbox.c.closed_because),
)


def still_wanted_of(connection: Connection, rows: Sequence[Due], at: dt.datetime) -> set[int]:
    """The ids of those outbox rows that may go out now, by choices, consents, addresses and their messages.

    Expiry, quiet hours, rates and the cap are left to delivery.
    """
    subjects = {row.subject for row in rows}
    gone = departures_of(connection, subjects)
    views = standpoints(connection, subjects, at)
    told = _told(connection, {row.inbox for row in rows if row.inbox is not None})
    awaited = _awaited(connection, {row.subject for row in rows if _is_code(row)}, at)
    return {
        row.id
        for row in rows
        if row.subject not in gone
        and (
            awaited.get((row.subject, row.channel)) == row.created_at
            if _is_code(row)
            else _rests(row, views[row.subject]) and _is_open(row, views[row.subject], told)
        )
    }


def still_wanted(connection: Connection, push: int, at: dt.datetime) -> bool:
    """As `still_wanted_of`, of one row; False for one that is not there."""
    return push in still_wanted_of(connection, rows_with_ids(connection, [push]), at)


def destinations(
    connection: Connection, secrets: Secrets, rows: Sequence[Due], at: dt.datetime
) -> dict[int, Destination]:
    """Where each outbox row goes now; a row that has no verified address is left out.

    A row of the template `code` goes to the address that waits for it.
    """
    key = secrets["identity"]
    envelope = Envelope(key.derived("contact-envelope", KEY_BYTES), key.current)
    subjects = {row.subject for row in rows}
    c, k = contact.c, contact_check.c
    verified = {
        (subject, channel): kept
        for subject, channel, kept in connection.execute(
            select(c.subject, c.channel, c.ciphertext).where(c.subject.in_(subjects))
        )
    }
    coded = {row.subject for row in rows if _is_code(row)}
    checks = connection.execute(select(contact_check).where(k.subject.in_(coded), k.ends_at > at)).all()
    waiting = {(one.subject, one.channel, one.made_at): one for one in checks}
    found: dict[int, Destination] = {}
    for row in rows:
        if not _is_code(row):
            kept = verified.get((row.subject, row.channel))
            if kept is not None:
                address = _opened(envelope, kept, "contact", "ciphertext", row)
                found[row.id] = Destination(row.channel, address)
        elif (one := waiting.get((row.subject, row.channel, row.created_at))) is not None:
            opened = (
                _opened(envelope, getattr(one, n), "contact_check", n, row) for n in ("address", "code")
            )
            found[row.id] = Destination(row.channel, *opened)
    return found


def destination(connection: Connection, secrets: Secrets, push: int, at: dt.datetime) -> Destination | None:
    """As `destinations`, of one row; None too where there is no such row."""
    return destinations(connection, secrets, rows_with_ids(connection, [push]), at).get(push)


def _opened(envelope: Envelope, kept: bytes, table: str, column: str, row: Due) -> str:
    return envelope.open(kept, place(table, column, row.subject, row.channel)).decode()


def _is_code(row: Due) -> bool:
    return row.payload.get("template") == CODE


def _told(connection: Connection, ids: Collection[int]) -> Mapping[int, Any]:
    return {row.id: row for row in connection.execute(select(*_TOLD).where(inbox.c.id.in_(ids)))}


def _awaited(
    connection: Connection, subjects: Collection[str], at: dt.datetime
) -> Mapping[tuple[str, str], dt.datetime]:
    """When the codes were made that may still be typed in."""
    if not subjects:
        return {}
    c = contact_check.c
    waiting = select(c.subject, c.channel, c.made_at).where(c.subject.in_(subjects), c.ends_at > at)
    return {(subject, channel): made for subject, channel, made in connection.execute(waiting)}


def _rests(row: Due, standpoint: Standpoint) -> bool:
    if row.relied_on is None or row.channel not in standpoint.addresses:
        return False
    if RECOMMENDATION in row.relied_on and not standpoint.choices.personalised:
        return False
    return all(one in standpoint.consents for one in row.relied_on if one != RECOMMENDATION)


def _is_open(row: Due, standpoint: Standpoint, told: Mapping[int, Any]) -> bool:
    if row.inbox is None:
        return standpoint.choices.wanted(row.topic, row.channel)
    kept = told.get(row.inbox)
    if kept is None or kept.subject != row.subject:
        return False
    if kept.closed_at is not None and kept.closed_because != "by_choice":
        return False
    return standpoint.wants(_message(row, kept), row.channel)


def _message(row: Due, kept: Any) -> Message:
    """As much of the message as its subject's wishes are about."""
    return Message(
        key=row.key,
        subject=row.subject,
        reason=Reason("", Names(zh="", en="")),
        catalogue_version="",
        item=kept.item,
        topic=kept.topic,
        required=kept.required,
        asked=kept.asked,
        delicate=kept.delicate,
        channels=frozenset({row.channel}),
    )
