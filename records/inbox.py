"""The inbox: what a subject was told, each thing once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Row, select, update

from catalog.vocabulary import Names
from models.recommendation import Reason, Standing
from records.insertion import insert_new
from records.tables import inbox
from records.tables.vocabulary import InboxKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A standing or invitation worth telling, with its reason and dates.

    `key` says what makes it the same message: telling it again changes nothing.
    """

    key: str
    subject: str
    reason: Reason
    catalogue_version: str
    kind: InboxKind = "reminder"
    scope_item: str | None = None
    item: str | None = None
    cycle: str | None = None
    standing: Standing | None = None
    ready: bool | None = None
    opens_on: dt.date | None = None
    due_on: dt.date | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """A message in the inbox. Ids rise in the order of telling."""

    id: int
    message: Message
    created_at: dt.datetime
    read_at: dt.datetime | None
    closed_at: dt.datetime | None


def tell(connection: Connection, messages: Sequence[Message], at: dt.datetime) -> int:
    """Put the messages that are new into their subjects' inboxes; how many were new."""
    return len(insert_new(connection, inbox, "key", [_row(message, at) for message in messages]))


def told(connection: Connection, subject: str, *, closed: bool = False, after: int = 0) -> tuple[Told, ...]:
    """A subject's messages since message `after`, oldest first; without those closed unless asked for."""
    statement = select(inbox).where(inbox.c.subject == subject, inbox.c.id > after).order_by(inbox.c.id)
    if not closed:
        statement = statement.where(inbox.c.closed_at.is_(None))
    return tuple(_told(row) for row in connection.execute(statement))


def mark_read(connection: Connection, subject: str, message: int, at: dt.datetime) -> bool:
    """Note that the subject has read a message of theirs; False if they have no such unread message."""
    mine = (inbox.c.id == message, inbox.c.subject == subject, inbox.c.read_at.is_(None))
    return connection.execute(update(inbox).where(*mine).values(read_at=at)).rowcount == 1


def close(connection: Connection, subject: str, key: str, at: dt.datetime) -> bool:
    """End a message that is done, dismissed or no longer true; False if none such is open."""
    mine = (inbox.c.key == key, inbox.c.subject == subject, inbox.c.closed_at.is_(None))
    return connection.execute(update(inbox).where(*mine).values(closed_at=at)).rowcount == 1


def _row(message: Message, at: dt.datetime) -> dict[str, object]:
    names = ("key", "subject", "kind", "scope_item", "item", "cycle", "ready", "opens_on", "due_on")
    return {
        **{name: getattr(message, name) for name in (*names, "catalogue_version")},
        "standing": None if message.standing is None else message.standing.value,
        "missing": list(message.missing),
        "reason_code": message.reason.code,
        "reason_zh": message.reason.text.zh,
        "reason_en": message.reason.text.en,
        "created_at": at,
    }


def _told(row: Row[tuple[object, ...]]) -> Told:
    kept = dict(row._mapping)
    reason = Reason(kept.pop("reason_code"), Names(zh=kept.pop("reason_zh"), en=kept.pop("reason_en")))
    standing = kept.pop("standing")
    life = [kept.pop(name) for name in ("id", "created_at", "read_at", "closed_at")]
    message = Message(
        **{**kept, "missing": tuple(kept["missing"])},
        reason=reason,
        standing=None if standing is None else Standing(standing),
    )
    return Told(life[0], message, *life[1:])
