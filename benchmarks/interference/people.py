"""Random subjects: what is held on each, and what they consented to."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from zlib import crc32

from benchmarks.interference.enrolled import Enrolled, enrolments, offers
from catalog.attribute import Attribute
from catalog.catalogue import Catalogue, Item
from catalog.predicate import presence
from catalog.vocabulary import SCOPES_OF, Scope, SubjectKind, ValueType
from features.registers import registers_of, stored_attributes
from features.schema import (
    ABSENT,
    Case,
    CaseStatus,
    Consultation,
    Evidence,
    Interaction,
    InteractionKind,
    Profile,
    PurposeName,
    Rating,
    Relation,
    ScopeItem,
    Value,
)
from models.homepage.learned import theme_of_item
from privacy.consent import Consent
from privacy.gate import targets
from privacy.policy_file import default_policy
from privacy.purposes import PURPOSES
from records.campaigns import Draft

TODAY = dt.date(2026, 11, 21)
AT = dt.datetime(2026, 11, 21, 4, 0, tzinfo=dt.UTC)
OUTSIDERS = {SubjectKind.CITIZEN: "c-out", SubjectKind.ENTERPRISE: "e-out"}
"""Somebody to be related to, of whom nothing is asked."""
FIGURES = (0.0, 1.0, 3.0, 6.0, 12.0, 18.0, 30.0, 60.0, 100.0, 300.0, 1e4, 1e6, 3e6, 5e7)
DAYS = (-23000, -12000, -6600, -5900, -2200, -900, -370, -95, -40, -29, -10, -3, 0, 4, 20, 80, 300)
ACTS: tuple[InteractionKind, ...] = (
    "search",
    "view",
    "impression",
    "click",
    "start",
    "submit",
    "complete",
    "dismiss",
)
STATUSES: tuple[CaseStatus, ...] = ("open", "succeeded", "succeeded", "failed", "withdrawn", "self_declared")
KINDS = ("guardian", "proxy", "staff", "owner", "spouse", "parent")
FLOOD = 260
"""So many interactions crowd out whatever counts the latest few hundred."""
Statements = Mapping[tuple[str, str], dt.datetime]


@dataclass(frozen=True)
class Invited:
    """An appointment the engine proposed for a subject's scope item."""

    id: int
    subject: str
    scope_item: str
    item: str
    cycle: str
    status: str
    suggested_on: dt.date
    reason_code: str
    proposed_at: dt.datetime
    delivered_at: dt.datetime


@dataclass(frozen=True)
class Person:
    """What is held on one subject today and was a year ago, and what it consented to."""

    now: Profile
    before: Profile
    """The attributes that held a year ago; its records are those of `now`."""
    consents: tuple[Consent, ...]
    invited: tuple[Invited, ...] = ()
    enrolled: tuple[Enrolled, ...] = ()


@dataclass
class Drawing:
    """Draws subjects of one catalogue."""

    catalogue: Catalogue
    rng: random.Random

    def person(self, id_: str, kind: SubjectKind, mark: str) -> Person:
        """A subject; `mark` keeps the ids of what it has from those of another drawing of it."""
        scopes = [Scope.SELF, *(s for s in SCOPES_OF[kind][1:] for _ in range(self.rng.choice((0, 0, 1, 2))))]
        items = [self._scope_item(id_, kind, scope, n, mark) for n, scope in enumerate(scopes)]
        now = Profile(
            subject=id_,
            kind=kind,
            scope_items=tuple(items),
            interactions=self._interactions(id_, kind, items, mark),
            relations=self._relations(id_),
            consultations=self._consultations(id_, kind, mark),
            ratings=self._ratings(kind, mark),
        )
        before = Profile(id_, kind, tuple(self._earlier(item, kind) for item in items))
        enrolled = enrolments(id_, mark, self._offers[kind], self.catalogue.version, AT)
        return Person(now, before, self.consents(id_, kind), tuple(self._invited(now)), tuple(enrolled))

    @cached_property
    def _offers(self) -> dict[SubjectKind, tuple[Draft, ...]]:
        return {kind: offers(self.catalogue, kind) for kind in SubjectKind}

    def _invited(self, profile: Profile) -> Iterator[Invited]:
        for item in profile.scope_items:
            for service in self._items(profile.kind, item.scope):
                if self.rng.random() < 0.2:
                    number = crc32(f"{item.id} {service.id}".encode())
                    day, at = TODAY + dt.timedelta(days=self.rng.randrange(90)), AT - dt.timedelta(days=1)
                    told = (profile.subject, item.id, service.id, "once", "proposed", day, "due", at, at)
                    yield Invited(number, *told)

    def consents(self, id_: str, kind: SubjectKind) -> tuple[Consent, ...]:
        """Nothing, everything or some of what can be consented to, some of it taken back."""
        found = []
        for purpose in PURPOSES:
            share = self.rng.choice((0.0, 0.0, 0.3, 0.6, 0.9, 1.0))
            for target in targets(self.catalogue, default_policy(), kind, purpose):
                if self.rng.random() < share:
                    found.append(self._consent(id_, purpose, target))
        return tuple(found)

    def _consent(self, id_: str, purpose: PurposeName, target: str) -> Consent:
        granted = AT - dt.timedelta(days=self.rng.randrange(400, 500))
        back = granted + dt.timedelta(days=self.rng.randrange(1, 390)) if self.rng.random() < 0.15 else None
        return Consent(id_, purpose, target, granted, back, "1")

    def _scope_item(self, owner: str, kind: SubjectKind, scope: Scope, number: int, mark: str) -> ScopeItem:
        id_ = owner if scope is Scope.SELF else f"{owner}:{scope}:{mark}{number}"
        # Ids of a subject's own scope item are its own; what lies on it is told apart by the mark.
        own = f"{id_}:{mark}"
        items = self._items(kind, scope)
        papers = sorted(self.catalogue.evidence_types)
        return ScopeItem(
            id=id_,
            scope=scope,
            owner=owner,
            label=self.rng.choice((None, f"{mark}{number}号")),
            attributes=self._values(kind, scope),
            as_of={
                register: AT - dt.timedelta(hours=self.rng.randrange(10, 2000))
                for register in registers_of(self.catalogue, kind, scope)
            },
            evidence=tuple(
                Evidence(f"{own}:p{n}", id_, self.rng.choice(papers), *self._validity(), "upload")
                for n in range(self.rng.randrange(4))
            ),
            cases=tuple(self._case(f"{own}:k{n}", id_, items) for n in range(self.rng.randrange(4)) if items),
        )

    def _earlier(self, item: ScopeItem, kind: SubjectKind) -> ScopeItem:
        times = {register: time - dt.timedelta(days=400) for register, time in item.as_of.items()}
        return ScopeItem(
            item.id, item.scope, item.owner, attributes=self._values(kind, item.scope), as_of=times
        )

    def _items(self, kind: SubjectKind, scope: Scope) -> list[Item]:
        return list(self.catalogue.items_for(kind, scope))

    def _values(self, kind: SubjectKind, scope: Scope) -> dict[str, Value]:
        told: dict[str, Value] = {}
        for attribute in stored_attributes(self.catalogue, kind, scope):
            dice = self.rng.random()
            if attribute.optional and dice < 0.12:
                told[attribute.name] = ABSENT
            elif (
                attribute.optional
                and dice < 0.18
                and presence(attribute.name) not in self.catalogue.attributes
            ):
                told[presence(attribute.name)] = True
            elif dice > 0.3:
                told[attribute.name] = self._value(attribute)
        return told

    def _value(self, attribute: Attribute) -> Value:
        match attribute.type:
            case ValueType.BOOLEAN:
                return self.rng.random() < 0.6
            case ValueType.NUMBER:
                return self.rng.choice(FIGURES)
            case ValueType.DATE:
                return TODAY + dt.timedelta(days=self.rng.choice(DAYS))
            case ValueType.ENUM:
                return self.rng.choice(attribute.allowed)

    def _validity(self) -> tuple[dt.date | None, dt.date | None]:
        start = TODAY - dt.timedelta(days=self.rng.randrange(1, 900))
        end = start + dt.timedelta(days=self.rng.choice((30, 1000, 5000)))
        return self.rng.choice(((None, None), (start, None), (start, end)))

    def _case(self, id_: str, scope_item: str, items: list[Item]) -> Case:
        opened = AT - dt.timedelta(hours=self.rng.randrange(2, 9000))
        status = self.rng.choice(STATUSES)
        closed = (
            None if status == "open" else min(AT, opened + dt.timedelta(hours=self.rng.randrange(1, 900)))
        )
        cycle = self.rng.choice(("once", "2026", "2025", "2026-11", "2026-Q4"))
        item = self._common(items).id
        return Case(id_, scope_item, item, cycle, status, "online", opened, closed)

    def _common(self, items: list[Item]) -> Item:
        """One of them, every other time the first: some things many people do, or none would be counted."""
        return items[0] if self.rng.random() < 0.5 else self.rng.choice(items)

    def _interactions(
        self, id_: str, kind: SubjectKind, scope_items: list[ScopeItem], mark: str
    ) -> tuple[Interaction, ...]:
        items = [item for item in self.catalogue.items.values() if item.subject is kind]
        count = FLOOD if self.rng.random() < 0.04 else self.rng.randrange(9)
        one = self.rng.choice(items)
        found = []
        for number in range(count):
            item = one if count == FLOOD else self._common(items)
            act = self.rng.choice(ACTS)
            searched = act == "search"
            found.append(
                Interaction(
                    client_id=f"{id_}:{mark}{number}",
                    kind=act,
                    at=AT
                    - dt.timedelta(minutes=self.rng.randrange(60, 200_000 if count < FLOOD else 40_000)),
                    item=None if searched and self.rng.random() < 0.5 else item.id,
                    scope_item=_one_of_scope(self.rng.choice((None, *scope_items)), item),
                    channel="web",
                    query=item.names.zh if searched else None,
                    slate=None if searched else f"{id_}:{mark}s{number // 3}",
                )
            )
        return tuple(found)

    def _consultations(self, id_: str, kind: SubjectKind, mark: str) -> tuple[Consultation, ...]:
        items = [item for item in self.catalogue.items.values() if item.subject is kind]
        topics = [
            "something-else",
            *{theme_of_item(item.id, self.catalogue) for item in items},
            *(item.id for item in items),
        ]
        return tuple(
            Consultation(
                id=f"{id_}:{mark}q{number}",
                topic=self.rng.choice(sorted(topics)),
                channel="hotline",
                place=self.rng.choice((None, "haidian")),
                outcome=self.rng.choice((None, "answered")),
                at=AT - dt.timedelta(minutes=self.rng.randrange(60, 200_000)),
            )
            for number in range(self.rng.randrange(4))
        )

    def _ratings(self, kind: SubjectKind, mark: str) -> tuple[Rating, ...]:
        items = [item for item in self.catalogue.items.values() if item.subject is kind]
        # No rating of the one drawing is of the same instant as one of the other.
        second = dt.timedelta(seconds=mark == "b")
        return tuple(
            Rating(
                item=self._common(items).id,
                score=self.rng.randrange(1, 6),
                source="web",
                at=AT - dt.timedelta(minutes=60 * number + self.rng.randrange(60, 119)) - second,
            )
            for number in range(self.rng.randrange(3))
        )

    def _relations(self, id_: str) -> tuple[Relation, ...]:
        kinds = self.rng.sample(KINDS, self.rng.randrange(3))
        others = list(OUTSIDERS.values())
        return tuple(Relation(id_, self.rng.choice(others), kind, None, None, None) for kind in sorted(kinds))


def _one_of_scope(chosen: ScopeItem | None, item: Item) -> str | None:
    """The scope item, if the item ranges over such: for no other is it ever shown, so nor is a word said."""
    return chosen.id if chosen is not None and chosen.scope is item.scope else None
