"""Who there is, one by one and by the page."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from sqlalchemy import Connection, func, select

from catalog.vocabulary import SubjectKind
from records.tables import subject as subjects

_AT_ONCE: Final = 5_000
"""Subjects named in one statement."""


class UnknownSubject(LookupError):
    """The records hold no such subject."""

    def __init__(self, subject: str) -> None:
        super().__init__(f"no subject {subject!r} in the records; ingest it first, or check the id")
        self.subject = subject


def kind_of(connection: Connection, subject: str) -> SubjectKind:
    """Whether the subject is a citizen or an enterprise; UnknownSubject if it is neither."""
    kind = connection.execute(select(subjects.c.kind).where(subjects.c.id == subject)).scalar_one_or_none()
    if kind is None:
        raise UnknownSubject(subject)
    return SubjectKind(kind)


def kinds_of(connection: Connection, wanted: Collection[str]) -> dict[str, SubjectKind]:
    """The kind of each of the subjects that the records hold."""
    statement = select(subjects.c.id, subjects.c.kind).where(subjects.c.id.in_(wanted))
    return {id_: SubjectKind(kind) for id_, kind in connection.execute(statement)}


def require_known(connection: Connection, wanted: Collection[str]) -> None:
    """Raise UnknownSubject, naming all of them, for subjects that the records do not hold."""
    statement = select(subjects.c.id).where(subjects.c.id.in_(wanted))
    unknown = set(wanted) - set(connection.execute(statement).scalars())
    if unknown:
        raise UnknownSubject(", ".join(sorted(unknown)))


def hold_subjects(connection: Connection, wanted: Collection[str]) -> set[str]:
    """Those of the subjects there are, each held until the transaction ends.

    Whoever tells or invites subjects, and whoever takes back what that rests on, holds them first: what the
    one has checked the other cannot change before it is written. They are held in the order of ids, so that
    nobody waits for somebody who waits for them, whatever order the database sorts words in. SQLite has one
    writer at a time and needs none of it.
    """
    held: set[str] = set()
    ordered = sorted(set(wanted))
    by = subjects.c.id if connection.dialect.name == "sqlite" else subjects.c.id.collate("C")
    for start in range(0, len(ordered), _AT_ONCE):
        some = subjects.c.id.in_(ordered[start : start + _AT_ONCE])
        mine = select(subjects.c.id).where(some).order_by(by)
        held.update(connection.execute(mine.with_for_update(key_share=True)).scalars())
    return held


def count_subjects(connection: Connection, kind: SubjectKind) -> int:
    """How many subjects of the kind there are."""
    return connection.execute(select(func.count()).where(subjects.c.kind == kind.value)).scalar_one()


def subjects_page(
    connection: Connection, kind: SubjectKind, after: str | None = None, size: int = 100
) -> tuple[str, ...]:
    """Up to `size` subjects of the kind in id order, those that follow `after`; cheap at any depth."""
    statement = select(subjects.c.id).where(subjects.c.kind == kind.value).order_by(subjects.c.id).limit(size)
    if after is not None:
        statement = statement.where(subjects.c.id > after)
    return tuple(connection.execute(statement).scalars())


def iter_subjects(
    connection: Connection, kind: SubjectKind, size: int = 10_000, after: str | None = None
) -> Iterator[tuple[str, ...]]:
    """All subjects of the kind in id order, a page at a time; `after` resumes an earlier walk."""
    while page := subjects_page(connection, kind, after, size):
        yield page
        after = page[-1]
