"""Subjects written where the product reads them: records, registers' statements, packed profiles."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Connection, Engine

from benchmarks.interference.enrolled import keep_campaign, keep_enrolled, keep_ways, offers, past
from benchmarks.interference.people import AT, OUTSIDERS, TODAY, Person
from catalog.catalogue import Catalogue
from catalog.predicate import presence
from catalog.vocabulary import Scope, SubjectKind
from features.freshness import default_shelf_life
from features.packing import Statement, pack, unpack
from features.registers import registers_of, stored_attributes
from features.schema import ABSENT, Profile, Value
from features.statements import statement_columns
from records.bulk import insert_rows, schema_of
from records.database import engine_for, open_records, writing
from records.settings import Settings
from records.tables import (
    METADATA,
    WHOLE,
    case,
    consent,
    consultation,
    evidence,
    interaction,
    invitation,
    rating,
    relation,
    scope_item,
    subject,
)

TABLES = (
    subject,
    scope_item,
    evidence,
    case,
    consent,
    interaction,
    consultation,
    rating,
    relation,
    invitation,
)
Packets = Mapping[str, Mapping[str, bytes]]


@dataclass
class PackedProfiles:
    """Profiles as the online store holds them: one packet a register, read back like any other."""

    at: dt.datetime
    packets: dict[str, dict[str, bytes]] = field(default_factory=dict)

    def read(
        self, kind: SubjectKind, scope_items: Mapping[Scope, Sequence[str]], /
    ) -> dict[str, tuple[dict[str, Value], dict[str, dt.datetime]]]:
        """By scope item: its attributes that still hold, and when each register last spoke of it."""
        life, found = default_shelf_life(), {}
        for id_ in (id_ for ids in scope_items.values() for id_ in ids if id_ in self.packets):
            attributes: dict[str, Value] = {}
            as_of: dict[str, dt.datetime] = {}
            for register, packet in self.packets[id_].items():
                statement = unpack(packet)
                as_of[register] = statement.observed_at
                if life.holds(register, statement.observed_at, self.at):
                    attributes.update(statement.attributes)
            found[id_] = (attributes, as_of)
        return found


@dataclass(frozen=True)
class Town:
    """A home that holds some subjects."""

    settings: Settings
    engine: Engine
    online: PackedProfiles
    people: tuple[Person, ...]

    def close(self) -> None:
        """Let go of the records and remove them."""
        self.engine.dispose()
        shutil.rmtree(self.settings.home)


def empty_records(folder: Path) -> Path:
    """A file of records without a row, to copy for each town."""
    home = folder / "empty"
    open_records(Settings(home=home, today=TODAY)).dispose()
    return home / "records.db"


def found_town(home: Path, empty: Path, people: Sequence[Person], catalogue: Catalogue) -> Town:
    """The people in records and registers under `home`."""
    settings = Settings(home=home, today=TODAY)
    home.mkdir(parents=True)
    shutil.copyfile(empty, home / "records.db")
    engine = engine_for(settings.records_url)
    with writing(engine) as connection:
        _record(connection, people)
        _campaign(connection, people, catalogue)
    _state(settings, people, catalogue)
    return Town(settings, engine, _packed(people, catalogue), tuple(people))


def _record(connection: Connection, people: Iterable[Person]) -> None:
    profiles = [person.now for person in people]
    kinds = {profile.subject: profile.kind for profile in profiles}
    kinds |= {id_: kind for kind, id_ in OUTSIDERS.items()}
    items = [item for profile in profiles for item in profile.scope_items]
    rows: dict[str, list[dict[str, Any]]] = {
        "subject": [{"id": id_, "kind": kind.value} for id_, kind in kinds.items()],
        "scope_item": [
            *({"id": i.id, "scope": i.scope.value, "owner": i.owner, "label": i.label} for i in items),
            *({"id": id_, "scope": "self", "owner": id_, "label": None} for id_ in OUTSIDERS.values()),
        ],
        "evidence": [_columns(paper) for item in items for paper in item.evidence],
        "case": [_columns(run) for item in items for run in item.cases],
        "consent": [_columns(said) for person in people for said in person.consents],
        "interaction": [
            {"subject": p.subject, **_columns(done)} for p in profiles for done in p.interactions
        ],
        "consultation": [{"subject": p.subject, **_columns(a)} for p in profiles for a in p.consultations],
        "rating": [{"subject": p.subject, **_columns(said)} for p in profiles for said in p.ratings],
        "invitation": [_columns(asked) for person in people for asked in person.invited],
        "relation": [{**_columns(r), "scope": r.scope or WHOLE} for p in profiles for r in p.relations],
    }
    for table in TABLES:
        told = rows[table.name]
        schema = schema_of(METADATA.tables[table.name])
        schema = {name: type_ for name, type_ in schema.items() if not told or name in told[0]}
        if told:
            insert_rows(connection, table, pl.DataFrame(told, schema=schema, orient="row"))


def _campaign(connection: Connection, people: Sequence[Person], catalogue: Catalogue) -> None:
    """The campaigns of the past with their members, and by which ways everybody can be told."""
    for draft in (draft for kind in SubjectKind for draft in offers(catalogue, kind)):
        keep_campaign(connection, past(draft), draft, AT, sent=True)
    keep_enrolled(connection, [one for person in people for one in person.enrolled], catalogue.version)
    keep_ways(connection, [person.now.subject for person in people], AT)


def _columns(row: Any) -> dict[str, Any]:
    """A frozen row by column."""
    return {column.name: getattr(row, column.name) for column in fields(row)}


def _state(settings: Settings, people: Iterable[Person], catalogue: Catalogue) -> None:
    """The registers' statements of now and of a year ago, a file a register."""
    rows: dict[tuple[SubjectKind, Scope, str], list[dict[str, Any]]] = {}
    for person in people:
        for profile in (person.before, person.now):
            for item in profile.scope_items:
                for register in registers_of(catalogue, profile.kind, item.scope):
                    row = _row(profile, item.attributes, item.scope, register, catalogue)
                    told = {"scope_item": item.id, "observed_at": item.as_of[register], **row}
                    rows.setdefault((profile.kind, item.scope, register), []).append(told)
    for (kind, scope, register), said in rows.items():
        folder = settings.attributes_path / f"{kind}.{scope}" / register
        folder.mkdir(parents=True)
        schema = {
            "scope_item": pl.String(),
            "observed_at": pl.Datetime("us", "UTC"),
            **statement_columns(stored_attributes(catalogue, kind, scope, register)),
        }
        pl.DataFrame(said, schema=schema).write_parquet(
            folder / "statements.parquet", compression="uncompressed"
        )


def _row(
    profile: Profile, told: Mapping[str, Value], scope: Scope, register: str, catalogue: Catalogue
) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for attribute in stored_attributes(catalogue, profile.kind, scope, register):
        value, flag = told.get(attribute.name), presence(attribute.name)
        row[attribute.name] = None if value is ABSENT else value
        if attribute.optional and flag not in row:
            row[flag] = False if value is ABSENT else True if value is not None or told.get(flag) else None
    return row


def _packed(people: Iterable[Person], catalogue: Catalogue) -> PackedProfiles:
    online = PackedProfiles(AT)
    for profile in (person.now for person in people):
        for item in profile.scope_items:
            for register in registers_of(catalogue, profile.kind, item.scope):
                names = {
                    told
                    for attribute in stored_attributes(catalogue, profile.kind, item.scope, register)
                    for told in (attribute.name, presence(attribute.name))
                }
                said = {name: value for name, value in item.attributes.items() if name in names}
                packet = pack(Statement(item.as_of[register], said))
                online.packets.setdefault(item.id, {})[register] = packet
    return online
