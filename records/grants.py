"""Who may act for whom: relations in force, proxies that subjects appoint, and what they let be seen."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ColumnElement, Connection, or_, select, update

from catalog.vocabulary import Scope, SubjectKind
from features.schema import Relation
from records.tables import WHOLE, discretion, relation, scope_item, subject
from records.tables.vocabulary import DiscreetAudience

ACTING = ("guardian", "proxy", "staff", "owner", "legal_representative")
"""The relations in which somebody acts for the other."""
NEAR = ("spouse", "parent")
"""Those of near relatives, either way round."""


def acting_for(connection: Connection, person: str, on: dt.date) -> list[tuple[Relation, SubjectKind]]:
    """Whom a person may act for on a day, in what way, and what kind of subject each is."""
    r = relation.c
    statement = (
        select(r.subject, r.other, r.kind, r.scope, r.valid_from, r.valid_to, subject.c.kind)
        .join(subject, subject.c.id == r.other)
        .where(r.subject == person, r.kind.in_(ACTING), *_in_force(on))
        .order_by(r.other, r.kind, r.scope)
    )
    return [(Relation(*row[:-1]), SubjectKind(row[-1])) for row in connection.execute(statement)]


def near_relatives(connection: Connection, person: str, on: dt.date) -> set[str]:
    """The near relatives of a person."""
    r = relation.c
    mine = or_(r.subject == person, r.other == person)
    rows = connection.execute(select(r.subject, r.other).where(mine, r.kind.in_(NEAR), *_in_force(on)))
    return {other if one == person else one for one, other in rows}


def children_of(connection: Connection, person: str) -> list[tuple[str, str | None]]:
    """The children recorded as a person's own: scope item and label."""
    s = scope_item.c
    statement = select(s.id, s.label).where(s.owner == person, s.scope == Scope.CHILD.value).order_by(s.id)
    return [(id_, label) for id_, label in connection.execute(statement)]


def labels_of(connection: Connection, ids: set[str]) -> dict[str, str]:
    """What owners call these scope items, where they call them anything."""
    s = scope_item.c
    rows = connection.execute(select(s.id, s.label).where(s.id.in_(ids), s.label.is_not(None)))
    return {str(id_): str(label) for id_, label in rows}


def proxies_of(connection: Connection, granting: str, on: dt.date) -> list[Relation]:
    """Whom a subject has appointed to act for it, in force on a day."""
    r = relation.c
    statement = select(r.subject, r.other, r.kind, r.scope, r.valid_from, r.valid_to)
    mine = statement.where(r.other == granting, r.kind == "proxy", *_in_force(on))
    return [Relation(*row) for row in connection.execute(mine.order_by(r.subject, r.scope))]


def grant_proxy(
    connection: Connection, granting: str, to: str, scope: str | None, until: dt.date, on: dt.date
) -> None:
    """Let somebody act for a subject from a day until another, in a scope (None: everything)."""
    row = {"subject": to, "other": granting, "kind": "proxy", "scope": scope or WHOLE}
    same = [relation.c[name] == value for name, value in row.items()]
    connection.execute(relation.delete().where(*same))
    connection.execute(relation.insert().values(**row, valid_from=on, valid_to=until))


def withdraw_proxy(connection: Connection, granting: str, to: str) -> int:
    """Take back all that was granted to somebody; it is gone from the next call on. How many there were."""
    r = relation.c
    theirs = (r.other == granting, r.subject == to, r.kind == "proxy")
    return connection.execute(relation.delete().where(*theirs)).rowcount


def shows_delicate(connection: Connection, of: str, audience: DiscreetAudience) -> bool:
    """Whether a subject asked for delicate items to be shown before an audience; not unless it did."""
    d = discretion.c
    asked = select(d.shows_delicate).where(d.subject == of, d.audience == audience)
    return connection.execute(asked).scalar_one_or_none() is True


def hides_delicate(connection: Connection, of: str, audience: DiscreetAudience) -> bool:
    """Whether a subject said that delicate items be kept from an audience; not where it said nothing."""
    d = discretion.c
    asked = select(d.shows_delicate).where(d.subject == of, d.audience == audience)
    return connection.execute(asked).scalar_one_or_none() is False


def show_delicate(
    connection: Connection, of: str, audience: DiscreetAudience, shown: bool, at: dt.datetime
) -> None:
    """Keep a subject's choice on delicate items before an audience."""
    d = discretion.c
    values = {"shows_delicate": shown, "changed_at": at}
    mine = (d.subject == of, d.audience == audience)
    if connection.execute(update(discretion).where(*mine).values(**values)).rowcount == 0:
        connection.execute(discretion.insert().values(subject=of, audience=audience, **values))


def _in_force(on: dt.date) -> tuple[ColumnElement[bool], ...]:
    r = relation.c
    return (
        or_(r.valid_from.is_(None), r.valid_from <= on),
        or_(r.valid_to.is_(None), r.valid_to >= on),
    )
