"""The one place where a subject's records and features become a `Profile`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from sqlalchemy import Connection, Engine, or_, select

from catalog.vocabulary import Scope, SubjectKind
from features.schema import (
    Case,
    Consultation,
    Evidence,
    Interaction,
    Profile,
    Rating,
    Relation,
    ScopeItem,
    Value,
)
from records.database import reading
from records.interactions import counts_of, recent_interactions
from records.subjects import kind_of
from records.tables import WHOLE
from records.tables import case as cases
from records.tables import consultation as consultations
from records.tables import evidence as papers
from records.tables import rating as ratings
from records.tables import relation as relations
from records.tables import scope_item as scope_items

RECENT = 1_000_000
"""The most interactions a profile carries: more than anybody's. A bound that were met would count what is
masked too, and masked interactions would crowd out open ones."""
_Held = TypeVar("_Held", Evidence, Case)
_SCOPE_ORDER = {scope: place for place, scope in enumerate(Scope)}


class OnlineProfiles(Protocol):
    """What the registers said last of scope items; features.retrieval has the one of the product."""

    def read(
        self, kind: SubjectKind, scope_items: Mapping[Scope, Sequence[str]], /
    ) -> Mapping[str, tuple[Mapping[str, Value], Mapping[str, dt.datetime]]]:
        """By scope item: its attributes, and when each register last spoke of it."""
        ...


Acts = Callable[[SubjectKind, str], Sequence[Interaction] | None]
"""All that a subject did, newest first; None where that is not at hand. features.acts has the product's."""


@dataclass(frozen=True, slots=True)
class ProfileReader:
    """Reads subjects whole, for serving and pipelines alike."""

    engine: Engine
    online: OnlineProfiles
    recent: int = RECENT
    acts: Acts = lambda kind, subject: None
    """Where what a subject did is at hand without reading it row by row."""

    def read(self, subject: str) -> Profile:
        """All that is held on the subject, before any mask; UnknownSubject if it is nobody."""
        with reading(self.engine) as connection:
            return self.read_on(connection, subject)

    def read_on(self, connection: Connection, subject: str) -> Profile:
        """As `read`, within a transaction of the caller's."""
        kind = kind_of(connection, subject)
        rows = _scope_items(connection, subject)
        by_scope: dict[Scope, list[str]] = {}
        for id_, scope, _ in rows:
            by_scope.setdefault(scope, []).append(id_)
        online = self.online.read(kind, by_scope)

        def spoken(id_: str) -> tuple[Mapping[str, Value], Mapping[str, dt.datetime]]:
            return online.get(id_, ({}, {}))

        held = _by_scope_item(_evidence(connection, subject))
        run = _by_scope_item(_cases(connection, subject))
        return Profile(
            subject=subject,
            kind=kind,
            scope_items=tuple(
                ScopeItem(id_, scope, subject, label, *spoken(id_), held.get(id_, ()), run.get(id_, ()))
                for id_, scope, label in rows
            ),
            interactions=self._interactions(connection, kind, subject),
            relations=_relations(connection, subject),
            consultations=_consultations(connection, subject),
            ratings=_ratings(connection, subject),
        )

    def _interactions(
        self, connection: Connection, kind: SubjectKind, subject: str
    ) -> tuple[Interaction, ...]:
        """What is at hand where it is all there is on record, else what is on record."""
        at_hand = self.acts(kind, subject)
        if at_hand is not None and len(at_hand) == counts_of(connection, [subject]).get(subject, 0):
            return tuple(at_hand)
        return recent_interactions(connection, subject, self.recent)


def _scope_items(connection: Connection, subject: str) -> list[tuple[str, Scope, str | None]]:
    """The subject itself first, whether or not a row says so, then what is theirs."""
    statement = select(scope_items.c.id, scope_items.c.scope, scope_items.c.label)
    rows = connection.execute(statement.where(scope_items.c.owner == subject))
    found = {id_: (id_, Scope(scope), label) for id_, scope, label in rows}
    found.setdefault(subject, (subject, Scope.SELF, None))
    return sorted(found.values(), key=lambda row: (_SCOPE_ORDER[row[1]], row[0]))


def _evidence(connection: Connection, subject: str) -> list[Evidence]:
    columns = (papers.c.id, papers.c.scope_item, papers.c.type, papers.c.valid_from, papers.c.valid_to)
    statement = select(*columns, papers.c.source).join(scope_items).where(scope_items.c.owner == subject)
    return [Evidence(*row) for row in connection.execute(statement.order_by(papers.c.id))]


def _cases(connection: Connection, subject: str) -> list[Case]:
    columns = (cases.c.id, cases.c.scope_item, cases.c.item, cases.c.cycle, cases.c.status, cases.c.channel)
    statement = select(*columns, cases.c.opened_at, cases.c.closed_at).join(scope_items)
    ordered = statement.where(scope_items.c.owner == subject).order_by(cases.c.opened_at, cases.c.id)
    return [Case(*row) for row in connection.execute(ordered)]


def _relations(connection: Connection, subject: str) -> tuple[Relation, ...]:
    """Where the subject is either party."""
    r = relations.c
    statement = select(r.subject, r.other, r.kind, r.scope, r.valid_from, r.valid_to)
    mine = statement.where(or_(r.subject == subject, r.other == subject))
    rows = connection.execute(mine.order_by(r.subject, r.other, r.kind, r.scope))
    return tuple(
        Relation(of, to, kind, None if scope == WHOLE else scope, since, until)
        for of, to, kind, scope, since, until in rows
    )


def _consultations(connection: Connection, subject: str) -> tuple[Consultation, ...]:
    c = consultations.c
    statement = select(c.id, c.topic, c.channel, c.place, c.outcome, c.at).where(c.subject == subject)
    return tuple(Consultation(*row) for row in connection.execute(statement.order_by(c.at, c.id)))


def _ratings(connection: Connection, subject: str) -> tuple[Rating, ...]:
    r = ratings.c
    statement = select(r.item, r.score, r.source, r.at, r.case).where(r.subject == subject)
    return tuple(Rating(*row) for row in connection.execute(statement.order_by(r.at, r.item)))


def _by_scope_item(things: Iterable[_Held]) -> dict[str, tuple[_Held, ...]]:
    found: dict[str, list[_Held]] = {}
    for thing in things:
        found.setdefault(thing.scope_item, []).append(thing)
    return {scope_item: tuple(held) for scope_item, held in found.items()}
