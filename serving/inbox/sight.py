"""What of an inbox whoever looks may see: the subject all of it, others what discretion and grants leave."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection

from catalog.vocabulary import SubjectKind
from records.database import reading
from records.inbox import Told, told, told_back
from records.subjects import UnknownSubject, kind_of
from serving.discretion import delicate_in
from serving.identity.actor import Actor
from serving.parts import Parts

MOST_SHOWN = 200
"""Messages of one page or answer; what is older is asked for by `before`."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An inbox as somebody sees it."""

    messages: tuple[Told, ...]
    """Oldest first."""
    hidden: int
    """How many messages are kept back here."""

    @property
    def unread(self) -> int:
        """How many of those that may be seen were not read."""
        return sum(one.read_at is None for one in self.messages)

    @property
    def mark(self) -> str:
        """Changes whenever what is seen changes; tells nothing of it."""
        said = "|".join(f"{one.id}{'r' if one.read_at else ''}:{one.message.due_on}" for one in self.messages)
        return hashlib.sha256(said.encode()).hexdigest()[:16]


def inbox_of(parts: Parts, actor: Actor, kind: SubjectKind, subject: str, *, closed: bool = False) -> Seen:
    """The subject's whole inbox as the actor may see it, newest last. Raises UnknownSubject."""
    with reading(parts.engine) as connection:
        if kind_of(connection, subject) is not kind:
            raise UnknownSubject(subject)
        found = told(connection, subject, closed=closed)
    seen = tuple(one for one in found if shows(parts, actor, one))
    return Seen(seen, len(found) - len(seen))


def look_back(
    connection: Connection,
    parts: Parts,
    actor: Actor,
    subject: str,
    *,
    closed: bool | None,
    before: int | None,
    most: int,
    after: int = 0,
) -> tuple[tuple[Told, ...], bool]:
    """Up to `most` of the messages before one that the actor may see, newest first; whether more follow.

    `closed` as in `records.inbox.told_back`; with `after` nothing of that message or older ones.
    """
    seen: list[Told] = []
    while True:
        found = told_back(connection, subject, closed=closed, before=before, after=after, most=most + 1)
        seen += [one for one in found if shows(parts, actor, one)]
        if len(seen) > most:
            return tuple(seen[:most]), True
        if len(found) <= most:
            return tuple(seen), False
        before = found[-1].id


def shows(parts: Parts, actor: Actor, one: Told) -> bool:
    """Whether an actor may see a message: nothing delicate unless asked for, nothing beyond the grant."""
    message, catalogue = one.message, parts.catalogue
    delicate = message.delicate or message.item in delicate_in(catalogue)
    if delicate and not actor.shows_delicate:
        return False
    if actor.has_everything:
        return True
    item = None if message.item is None else catalogue.items.get(message.item)
    return item is not None and actor.covers(item, message.scope_item or message.subject)
