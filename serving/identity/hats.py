"""The capacities somebody can act in today: for themselves, a child, a parent, a firm, an office."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from sqlalchemy import Connection

from catalog.vocabulary import Scope, SubjectKind
from features.schema import Relation
from records.departures import departures_of
from records.grants import acting_for, children_of, labels_of, near_relatives
from records.logins import Login, offices_of
from records.openings import Opening
from records.subjects import kind_of
from records.tables import WHOLE
from serving.identity.actor import EVERYTHING, Hat, Role
from serving.identity.ages import OF_AGE, born, younger_than
from serving.parts import Parts

ROLES = {
    "guardian": Role.GUARDIAN,
    "proxy": Role.PROXY,
    "staff": Role.STAFF,
    "owner": Role.STAFF,
    "legal_representative": Role.STAFF,
}


OWNING = frozenset({"owner", "legal_representative"})
"""In which of them somebody decides on the whole of an enterprise."""


def hats_of(connection: Connection, login: Login, parts: Parts, opened: Opening | None) -> tuple[Hat, ...]:
    """All hats of a login on the day, its own first; none for who is under age or has died."""
    on = parts.desk.clock.on()
    personal = [] if login.subject is None else list(_personal(connection, login.subject, parts, on))
    return (*personal, *_offices(connection, login, on, opened))


def _personal(connection: Connection, person: str, parts: Parts, on: dt.date) -> Iterator[Hat]:
    kind = kind_of(connection, person)
    if departures_of(connection, {person}).get(person) is not None:
        return
    if kind is SubjectKind.ENTERPRISE:
        yield Hat(Role.STAFF, kind, person, owns=True)
        return
    if younger_than(OF_AGE, born(parts, Scope.SELF, person, "birth_date", on), on):
        return
    yield Hat(Role.CITIZEN, kind, person)
    for child, label in children_of(connection, person):
        if younger_than(OF_AGE, born(parts, Scope.CHILD, child, "child_birth_date", on), on):
            yield Hat(Role.GUARDIAN, kind, person, frozenset({child}), label)
    yield from _for_others(connection, person, parts, on)
    relatives = near_relatives(connection, person, on)
    for other, gone in sorted(departures_of(connection, relatives).items()):
        if gone.kind == "death":
            yield Hat(Role.NEAR_RELATIVE, SubjectKind.CITIZEN, other)


def _for_others(connection: Connection, person: str, parts: Parts, on: dt.date) -> Iterator[Hat]:
    relations = acting_for(connection, person, on)
    gone = departures_of(connection, {each.other for each, _ in relations})
    merged: dict[tuple[Role, SubjectKind, str], set[str]] = {}
    owned = {one.other for one, _ in relations if one.kind in OWNING and one.scope in (None, WHOLE)}
    for each, kind in relations:
        if each.other in gone or (each.kind == "guardian" and not _still_a_child(each, parts, on)):
            continue
        merged.setdefault((ROLES[each.kind], kind, each.other), set()).add(each.scope or WHOLE)
    labels = labels_of(connection, {id_ for key, scope in merged.items() for id_ in (key[2], *scope)})
    for (role, kind, other), scope in merged.items():
        granted = EVERYTHING if WHOLE in scope else frozenset(scope)
        named = [labels[id_] for id_ in sorted(granted) if id_ in labels]
        label, owns = "、".join(named) or labels.get(other), role is Role.STAFF and other in owned
        yield Hat(role, kind, other, granted, label, owns)


def _still_a_child(guarded: Relation, parts: Parts, on: dt.date) -> bool:
    """Until fourteen; where no birth date is told, for as long as the relation says."""
    if guarded.scope in (None, WHOLE):
        told = born(parts, Scope.SELF, guarded.other, "birth_date", on)
    else:
        told = born(parts, Scope.CHILD, str(guarded.scope), "child_birth_date", on)
    return told is None or younger_than(OF_AGE, told, on)


def _offices(connection: Connection, login: Login, on: dt.date, opened: Opening | None) -> Iterator[Hat]:
    for office in sorted(offices_of(connection, login.id, on)):
        if office == "agent" and opened is not None:
            yield Hat(Role.AGENT, opened.kind, opened.subject)
        else:
            yield Hat(Role(office))
