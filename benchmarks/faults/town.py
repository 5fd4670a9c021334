"""A town for the faults: real catalogue, registers' statements, records and features, made in seconds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import polars as pl
from sqlalchemy import Connection, insert

import catalog
from catalog import artefact
from catalog.catalogue import Catalogue
from catalog.loader import load_catalogue
from catalog.predicate import presence
from catalog.vocabulary import Scope, SubjectKind, ValueType
from features.registers import registers_of, stored_attributes
from features.statements import statement_columns
from pipelines.features.materialise import materialise
from records.database import open_records, writing
from records.settings import Settings
from records.tables import consent, scope_item, subject

CITIZENS: Final = 40
PURPOSES: Final = ("assess", "rank", "remind")
_SELF: Final = Scope.SELF
_KIND: Final = SubjectKind.CITIZEN


def name_of(number: int) -> str:
    """A citizen's id."""
    return f"c-{number:05d}"


def build_town(settings: Settings, at: dt.datetime, citizens: int = CITIZENS) -> Catalogue:
    """Everything a run would have made before models, as of an (aware) instant."""
    known = load_catalogue(Path(catalog.__file__).parent / "data")
    artefact.save(known, settings.catalogue_path)
    engine = open_records(settings)
    with writing(engine) as connection:
        _record(connection, known, citizens, at)
    engine.dispose()
    speak(settings, known, at - dt.timedelta(hours=12), citizens)
    materialise(settings, known, at)
    return known


def speak(settings: Settings, known: Catalogue, said_at: dt.datetime, citizens: int = CITIZENS) -> None:
    """Let every register state what it holds of every citizen."""
    for register in registers_of(known, _KIND, _SELF):
        attributes = stored_attributes(known, _KIND, _SELF, register)
        rows = [
            {"scope_item": name_of(n), "observed_at": said_at, **_stated(known, register, _facts(n, said_at))}
            for n in range(citizens)
        ]
        schema = {
            "scope_item": pl.String(),
            "observed_at": pl.Datetime("us", "UTC"),
            **statement_columns(attributes),
        }
        folder = settings.attributes_path / f"{_KIND}.{_SELF}" / register
        folder.mkdir(parents=True, exist_ok=True)
        pl.DataFrame(rows, schema=schema).write_parquet(folder / f"{said_at:%Y%m%dT%H%M%S}.parquet")


def targets(known: Catalogue) -> Iterator[str]:
    """Everything a citizen can consent to."""
    groups = [group.id for group in known.consent_groups.values() if group.subject == _KIND]
    yield "interactions"
    for group in (*groups, "ordinary", "declared", "sensitive", "tax-secrets"):
        yield from (f"attributes:{group}", f"evidence:{group}")


def _record(connection: Connection, known: Catalogue, citizens: int, at: dt.datetime) -> None:
    names = [name_of(n) for n in range(citizens)]
    connection.execute(insert(subject), [{"id": name, "kind": _KIND.value} for name in names])
    connection.execute(
        insert(scope_item), [{"id": name, "scope": _SELF.value, "owner": name} for name in names]
    )
    given = at - dt.timedelta(days=30)
    connection.execute(
        insert(consent),
        [
            {"subject": name, "purpose": purpose, "target": target, "text_version": "1", "granted_at": given}
            for name in names
            for purpose in PURPOSES
            for target in targets(known)
        ],
    )


def _facts(number: int, at: dt.datetime) -> Mapping[str, Any]:
    """What is known of one citizen; of the rest the registers say that there is none."""
    today = at.date()
    return {
        "birth_date": dt.date(today.year - 22 - number % 45, 1 + number % 12, 1 + number % 28),
        "sex": ("female", "male")[number % 2],
        "nationality": "CN",
        "hukou_province": "BJ",
        "has_id_card": True,
        "id_card_expiry_date": today + dt.timedelta(days=20 + number % 7),
        "residence_district": ("xicheng", "dongcheng", "haidian")[number % 3],
        "residence_months_beijing": 40.0 + number,
        "employment_status": "employed",
        "has_driver_licence": True,
        "driver_licence_class": "C1",
        "driver_licence_expiry_date": today + dt.timedelta(days=60 + number % 20),
        "housing_fund_status": "active",
        "is_renting": True,
    }


def _stated(known: Catalogue, register: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for attribute in stored_attributes(known, _KIND, _SELF, register):
        if attribute.name in facts:
            said[attribute.name] = facts[attribute.name]
            if attribute.optional:
                said[presence(attribute.name)] = True
        elif attribute.type is ValueType.BOOLEAN:
            said[attribute.name] = False
        elif attribute.optional:
            said[presence(attribute.name)] = False
    return said
