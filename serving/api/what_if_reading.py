"""Reads what a request supposes against the attribute register and the subject, naming every fault."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from catalog.announcing import NotAnnounceable, announcement
from catalog.catalogue import Catalogue
from catalog.event import LifeEvent
from catalog.vocabulary import SCOPES_OF, Scope, Status
from features.plain_values import read_values
from features.schema import MaskedProfile, ScopeItem, Value
from privacy.supposition import suppose
from serving.api.what_if_schemas import AddedEventSchema, WhatIfRequestSchema
from serving.errors import Fault, InvalidRequest

FURTHEST = 10
"""How many years ahead can be asked about."""


@dataclass(frozen=True, slots=True)
class Supposition:
    """What is supposed: the profile as it would be, on which day, by which attributes and events."""

    profile: MaskedProfile
    on: dt.date
    attributes: frozenset[str]
    events: tuple[tuple[str, str], ...]
    """Each event, and the scope item it happens to."""


def read_supposition(
    asked: WhatIfRequestSchema, profile: MaskedProfile, catalogue: Catalogue, today: dt.date
) -> Supposition:
    """The supposition of a request. Raises InvalidRequest with every fault in it."""
    reading = _Reading(profile, catalogue, asked.on or today)
    reading.check_day(today)
    reading.take_scope_items(asked)
    reading.take_events(asked)
    reading.take_changes(asked)
    if not reading.told and not reading.faults and asked.on in (None, today):
        reading.fault("", "nothing is supposed: change an attribute, add something, or ask of another day")
    if reading.faults:
        raise InvalidRequest(*reading.faults)
    return reading.supposition()


@dataclass(slots=True)
class _Reading:
    profile: MaskedProfile
    catalogue: Catalogue
    on: dt.date
    faults: list[Fault] = field(default_factory=list)
    scopes: dict[str, Scope] = field(default_factory=dict)
    labels: dict[str, str | None] = field(default_factory=dict)
    """Of the scope items that are added."""
    told: dict[str, dict[str, Value]] = field(default_factory=dict)
    events: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.scopes = {item.id: item.scope for item in self.profile.scope_items}

    def fault(self, place: str, message: str) -> None:
        self.faults.append(Fault(f"/body{place}", message))

    def check_day(self, today: dt.date) -> None:
        if not today <= self.on <= today.replace(year=today.year + FURTHEST, day=min(today.day, 28)):
            self.fault("/on", f"ask of today or of a day within {FURTHEST} years")

    def take_scope_items(self, asked: WhatIfRequestSchema) -> None:
        for number, added in enumerate(asked.scope_items):
            place = f"/scope_items/{number}"
            if added.id in self.scopes:
                self.fault(f"{place}/id", "already the id of a scope item: choose another")
            if added.scope is Scope.SELF or added.scope not in SCOPES_OF[self.profile.kind]:
                self.fault(f"{place}/scope", f"cannot be added to a subject of kind {self.profile.kind}")
                continue
            self._add(added.id, added.scope, added.label)
            self._tell(added.id, added.attributes, f"{place}/attributes")

    def take_changes(self, asked: WhatIfRequestSchema) -> None:
        seen: set[str] = set()
        for number, changed in enumerate(asked.changes):
            place = f"/changes/{number}"
            if changed.scope_item not in self.scopes:
                self.fault(f"{place}/scope_item", "not one of the subject's scope items")
                continue
            if changed.scope_item in seen:
                self.fault(f"{place}/scope_item", "changed twice: write all its attributes in one place")
            seen.add(changed.scope_item)
            self._tell(changed.scope_item, changed.attributes, f"{place}/attributes")

    def take_events(self, asked: WhatIfRequestSchema) -> None:
        for number, added in enumerate(asked.events):
            place = f"/events/{number}"
            event = self.catalogue.events.get(added.event)
            if (
                event is None
                or event.subject is not self.profile.kind
                or event.status is not Status.CONFIRMED
            ):
                self.fault(
                    f"{place}/event",
                    f"the catalogue has no such event for a subject of kind {self.profile.kind}",
                )
                continue
            scope_item = self._place_of(event, added, place, number)
            if scope_item is not None:
                self._announce(event, scope_item, added.date or self.on, f"{place}/event")

    def supposition(self) -> Supposition:
        subject = self.profile.subject
        added = [
            ScopeItem(id_, self.scopes[id_], subject, label, self.told.get(id_, {}))
            for id_, label in self.labels.items()
        ]
        changed = {id_: told for id_, told in self.told.items() if id_ not in self.labels}
        named = frozenset(name for told in self.told.values() for name in told)
        return Supposition(suppose(self.profile, changed, added), self.on, named, tuple(self.events))

    def _add(self, id_: str, scope: Scope, label: str | None) -> None:
        self.scopes[id_], self.labels[id_] = scope, label
        self.told.setdefault(id_, {})

    def _tell(self, scope_item: str, written: Mapping[str, object], place: str) -> None:
        scope = self.scopes[scope_item]
        values, refusals = read_values(written, self.catalogue, self.profile.kind, scope)
        self.told.setdefault(scope_item, {}).update(values)
        for refusal in refusals:
            self.fault(f"{place}/{refusal.attribute}", refusal.message)

    def _place_of(self, event: LifeEvent, added: AddedEventSchema, place: str, number: int) -> str | None:
        """The scope item an event happens to: the one named, the subject, or a new one."""
        if added.scope_item is None and event.scope is Scope.SELF:
            return self.profile.subject
        if added.scope_item is None:
            fresh = f"supposed-{number + 1}"
            if fresh in self.scopes:
                self.fault(f"{place}/scope_item", f"name a scope item, for {fresh} is the id of another")
                return None
            self._add(fresh, event.scope, None)
            return fresh
        if self.scopes.get(added.scope_item) is not event.scope:
            self.fault(f"{place}/scope_item", f"not one of the subject's scope items of scope {event.scope}")
            return None
        return added.scope_item

    def _announce(self, event: LifeEvent, scope_item: str, on: dt.date, place: str) -> None:
        try:
            announced = announcement(event, self.catalogue, on)
        except NotAnnounceable as fault:
            self.fault(place, str(fault))
            return
        for name, value in announced.items():
            own = self.catalogue.attributes[name].scope is event.scope
            told = self.told.setdefault(scope_item if own else self.profile.subject, {})
            told.setdefault(name, value)
        self.events.append((event.id, scope_item))
