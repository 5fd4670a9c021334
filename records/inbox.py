"""The inbox: what a subject was told, each thing once. Only `records.telling` puts something into it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, Connection, Row, cast, func, select, update

from catalog.vocabulary import Names
from models.recommendation import Reason, Standing
from records.tables import inbox
from records.tables.vocabulary import CloseReason, InboxKind, ReminderChannel, Template

INBOX_ALONE: Final[frozenset[ReminderChannel]] = frozenset()
NAMELESS: Final = Names(zh="", en="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Something worth telling, with its reason and dates.

    `key` says what makes it the same message: telling it again changes nothing but its dates and papers.
    """

    key: str
    subject: str
    reason: Reason
    catalogue_version: str
    kind: InboxKind = "reminder"
    names: Names = NAMELESS
    """What it is about, in plain words, as the inbox shows it; pushes of what is delicate do not."""
    topic: str = ""
    """The theme it is chosen and unsubscribed by: a theme of the catalogue, as in `records.choices`."""
    template: Template = "reminder"
    scope_item: str | None = None
    item: str | None = None
    cycle: str | None = None
    standing: Standing | None = None
    ready: bool | None = None
    opens_on: dt.date | None = None
    due_on: dt.date | None = None
    missing: tuple[str, ...] = ()
    required: bool = False
    """A duty bids it: it always reaches the inbox, and is not dismissed away."""
    asked: bool = False
    """The subject asked for just this (an answer to their question); what they follow need not say so."""
    delicate: bool = False
    """Nothing of it may be seen outside: pushes say neutral words, and go only where it was asked for."""
    detail: Mapping[str, Any] = field(default_factory=dict)
    """Small plain JSON for the template; of a delicate message it stays in the inbox."""
    expires_at: dt.datetime | None = None
    """From then on it is no longer true, and nothing of it goes out."""
    channels: frozenset[ReminderChannel] = field(default=INBOX_ALONE, compare=False)
    """By which it may leave the inbox: where it also follows from what that channel may know (USE_OF)."""
    relied_on: tuple[str, ...] | None = field(default=None, compare=False)
    """The consents it rests on (`records.reliance`); None: all that the subject gave to reminders."""


@dataclass(frozen=True, slots=True)
class Told:
    """A message in the inbox. Ids rise in the order of telling, and a subject's in that of their commits."""

    id: int
    message: Message
    created_at: dt.datetime
    read_at: dt.datetime | None
    closed_at: dt.datetime | None
    closed_because: CloseReason | None = None


def told(
    connection: Connection, subject: str, *, closed: bool = False, after: int = 0, most: int | None = None
) -> tuple[Told, ...]:
    """A subject's messages since message `after`, oldest first; without those closed unless asked for."""
    statement = select(inbox).where(inbox.c.subject == subject, inbox.c.id > after).order_by(inbox.c.id)
    if not closed:
        statement = statement.where(inbox.c.closed_at.is_(None))
    return tuple(_told(row) for row in connection.execute(statement.limit(most)))


def told_back(
    connection: Connection,
    subject: str,
    *,
    closed: bool | None,
    before: int | None,
    most: int,
    after: int = 0,
) -> tuple[Told, ...]:
    """A subject's messages between two, newest first: those that are open, those closed, or (None) both."""
    mine = select(inbox).where(inbox.c.subject == subject, inbox.c.id > after)
    statement = mine.order_by(inbox.c.id.desc())
    if closed is not None:
        statement = statement.where(inbox.c.closed_at.is_not(None) if closed else inbox.c.closed_at.is_(None))
    if before is not None:
        statement = statement.where(inbox.c.id < before)
    return tuple(_told(row) for row in connection.execute(statement.limit(most)))


def one_told(connection: Connection, subject: str, message: int) -> Told | None:
    """A message of the subject's own by its id, closed or not; None if they have no such message."""
    mine = select(inbox).where(inbox.c.id == message, inbox.c.subject == subject)
    row = connection.execute(mine).first()
    return None if row is None else _told(row)


def count_unread(connection: Connection, subject: str) -> int:
    """How many open messages the subject has not read."""
    mine = (inbox.c.subject == subject, inbox.c.closed_at.is_(None), inbox.c.read_at.is_(None))
    return connection.execute(select(func.count()).where(*mine)).scalar_one()


def mark_read(connection: Connection, subject: str, message: int, at: dt.datetime) -> bool:
    """Note that the subject has read a message of theirs; False if they have no such unread message."""
    mine = (inbox.c.id == message, inbox.c.subject == subject, inbox.c.read_at.is_(None))
    return connection.execute(update(inbox).where(*mine).values(read_at=at)).rowcount == 1


def mark_all_read(connection: Connection, subject: str, until: int, at: dt.datetime) -> int:
    """Note that the subject has read every open message up to one; how many were unread."""
    mine = (inbox.c.subject == subject, inbox.c.id <= until, inbox.c.read_at.is_(None))
    unread = update(inbox).where(*mine, inbox.c.closed_at.is_(None)).values(read_at=at)
    return connection.execute(unread).rowcount


class Mark(NamedTuple):
    """What changes whenever an inbox is told something, read from, or closed in."""

    open: int = 0
    ids: int = 0
    read: int = 0


def marks_of(connection: Connection, subjects: Collection[str]) -> dict[str, Mark]:
    """The marks of those of the subjects whose inbox is not empty; one short walk of an index each."""
    counted = (
        select(
            inbox.c.subject,
            func.count(),
            cast(func.coalesce(func.sum(inbox.c.id), 0), BigInteger),
            func.count(inbox.c.read_at),
        )
        .where(inbox.c.subject.in_(subjects), inbox.c.closed_at.is_(None))
        .group_by(inbox.c.subject)
    )
    return {subject: Mark(*numbers) for subject, *numbers in connection.execute(counted)}


def row_of(message: Message, at: dt.datetime) -> dict[str, object]:
    """The message as a row of the table."""
    return {
        **{name: getattr(message, name) for name in _PLAIN},
        **facts_of(message),
        "created_at": at,
    }


def facts_of(message: Message) -> dict[str, object]:
    """What may change of a message that is told again."""
    return {
        "standing": None if message.standing is None else message.standing.value,
        "ready": message.ready,
        "opens_on": message.opens_on,
        "due_on": message.due_on,
        "missing": list(message.missing),
        "detail": dict(message.detail),
        "expires_at": message.expires_at,
        "names_zh": message.names.zh,
        "names_en": message.names.en,
        "reason_code": message.reason.code,
        "reason_zh": message.reason.text.zh,
        "reason_en": message.reason.text.en,
    }


_PLAIN: Final = (
    *("key", "subject", "kind", "topic", "template", "scope_item", "item", "cycle"),
    *("required", "asked", "delicate", "catalogue_version"),
)


def _told(row: Row[tuple[object, ...]]) -> Told:
    kept = dict(row._mapping)
    life = [kept.pop(name) for name in ("id", "created_at", "read_at", "closed_at", "closed_because")]
    reason = Reason(kept.pop("reason_code"), Names(zh=kept.pop("reason_zh"), en=kept.pop("reason_en")))
    names = Names(zh=kept.pop("names_zh"), en=kept.pop("names_en"))
    standing = kept.pop("standing")
    message = Message(
        **{**kept, "missing": tuple(kept["missing"])},
        reason=reason,
        names=names,
        standing=None if standing is None else Standing(standing),
    )
    return Told(life[0], message, *life[1:])
