"""All personas as the subjects of one server, each met on its own day."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection

from catalog.artefact import save
from catalog.catalogue import Catalogue
from catalog.vocabulary import Scope, SubjectKind
from features.freshness import default_shelf_life
from features.packing import Statement, pack
from features.registers import registers_of, stored_attributes
from features.registry import StoreLocation, apply, open_store
from features.retrieval import OnlineProfiles
from records.database import open_records, writing
from records.profiles import ProfileReader
from records.tables import case, consent, evidence, scope_item, subject
from serving.desk import Clock
from serving.parts import Parts, open_parts
from serving.settings import ServingSettings
from tests.personas_reading import Persona
from tests.personas_world import cases_of, consents_of, evidence_of, noon, things_of, told_of

Packets = dict[tuple[SubjectKind, Scope], dict[str, dict[str, bytes]]]


@dataclass
class Calendar:
    """The day the server believes it is."""

    today: dt.date

    def clock(self) -> Clock:
        """The server's clock."""
        return Clock(on=lambda: self.today, at=lambda: noon(self.today))


def build_town(home: Path, personas: Iterable[Persona], catalogue: Catalogue) -> ServingSettings:
    """Records and online features of every persona, as a run would have left them."""
    # All personas ask from one address, more often than any reader would.
    settings = ServingSettings(home=home, rate_limit_factor=1_000)
    save(catalogue, settings.catalogue_path)
    engine = open_records(settings)
    packets: Packets = defaultdict(dict)
    with writing(engine) as connection:
        for persona in personas:
            _record(connection, persona, catalogue)
            _say(persona, catalogue, packets)
    engine.dispose()
    store = apply(_location(settings), catalogue)
    online = OnlineProfiles(store, catalogue, default_shelf_life(), lambda: noon(dt.date.max))
    for (kind, scope), said in packets.items():
        online.write(kind, scope, said)
    return settings


def open_on(settings: ServingSettings, calendar: Calendar) -> Parts:
    """The server's parts, on the calendar's day."""
    parts = open_parts(settings)
    clock = calendar.clock()
    store = open_store(_location(settings))
    online = OnlineProfiles(store, parts.catalogue, default_shelf_life(), clock.at)
    reader = ProfileReader(parts.engine, online)
    return replace(parts, desk=replace(parts.desk, profiles=reader, clock=clock))


def _location(settings: ServingSettings) -> StoreLocation:
    return StoreLocation(settings.registry_path, settings.offline_path, settings.online_path)


def _record(connection: Connection, persona: Persona, catalogue: Catalogue) -> None:
    connection.execute(subject.insert().values(id=persona.id, kind=persona.subject.value))
    for id, thing in things_of(persona):
        label = None if id == persona.id else thing.label
        row = {"id": id, "scope": thing.scope.value, "owner": persona.id, "label": label}
        connection.execute(scope_item.insert().values(**row))
        for paper in evidence_of(thing, id, persona.date):
            connection.execute(evidence.insert().values(**_fields(paper)))
        for run in cases_of(thing, id):
            connection.execute(case.insert().values(**_fields(run)))
    for said in consents_of(persona, catalogue):
        connection.execute(consent.insert().values(**_fields(said)))


def _fields(value: object) -> dict[str, object]:
    return {name: getattr(value, name) for name in type(value).__dataclass_fields__}  # type: ignore[attr-defined]


def _say(persona: Persona, catalogue: Catalogue, packets: Packets) -> None:
    """What every register said of a persona the day before."""
    heard = noon(persona.date - dt.timedelta(days=1))
    for id, thing in things_of(persona):
        told = told_of(persona, thing, catalogue)
        for register in registers_of(catalogue, persona.subject, thing.scope):
            held = stored_attributes(catalogue, persona.subject, thing.scope, register)
            said = {a.name: told[a.name] for a in held if a.name in told}
            if said:
                statement = pack(Statement(heard, said))
                packets[persona.subject, thing.scope].setdefault(id, {})[register] = statement
