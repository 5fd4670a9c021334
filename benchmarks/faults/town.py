"""A town for the faults: real catalogue, registers' statements, records and features, made in seconds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import polars as pl
from sqlalchemy import Connection, insert

import catalog
from catalog import artefact
from catalog.attribute import Attribute
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

DATA: Final = Path(catalog.__file__).parent / "data"
CITIZENS: Final = 40
PURPOSES: Final = ("assess", "rank", "remind")
_SELF: Final = Scope.SELF
_KIND: Final = SubjectKind.CITIZEN


def name_of(number: int) -> str:
    """A citizen's id."""
    return f"c-{number:05d}"


def home_of(number: int) -> str:
    """The id of a citizen's household."""
    return f"{name_of(number)}-home"


def build_town(
    settings: Settings, at: dt.datetime, citizens: int = CITIZENS, known: Catalogue | None = None
) -> Catalogue:
    """Everything a run would have made before models, as of an (aware) instant, by the shipped catalogue."""
    known = known or load_catalogue(DATA)
    artefact.save(known, settings.catalogue_path)
    engine = open_records(settings)
    with writing(engine) as connection:
        _record(connection, known, citizens, at)
    engine.dispose()
    speak(settings, known, at - dt.timedelta(hours=12), citizens)
    materialise(settings, known, at)
    return known


def build_households(settings: Settings, known: Catalogue, at: dt.datetime) -> None:
    """Citizens, each with a household above the line of subsistence; in records and registers."""
    artefact.save(known, settings.catalogue_path)
    engine = open_records(settings)
    with writing(engine) as connection:
        _record(connection, known, CITIZENS, at)
        homes = [
            {"id": home_of(n), "scope": Scope.HOUSEHOLD.value, "owner": name_of(n)} for n in range(CITIZENS)
        ]
        connection.execute(insert(scope_item), homes)
    engine.dispose()
    speak(settings, known, at - dt.timedelta(hours=12))
    told = {
        home_of(n): {"family_income_per_capita_month": 3_000.0 + 100 * n, "family_assets_within_limit": True}
        for n in range(CITIZENS)
    }
    _speak_of(settings, known, Scope.HOUSEHOLD, at - dt.timedelta(hours=12), told)


def speak(settings: Settings, known: Catalogue, said_at: dt.datetime, citizens: int = CITIZENS) -> None:
    """Let every register state what it holds of every citizen."""
    told = {name_of(n): _facts(n, said_at) for n in range(citizens)}
    _speak_of(settings, known, _SELF, said_at, told)


def _speak_of(
    settings: Settings,
    known: Catalogue,
    scope: Scope,
    said_at: dt.datetime,
    told: Mapping[str, Mapping[str, Any]],
) -> None:
    for register in registers_of(known, _KIND, scope):
        attributes = stored_attributes(known, _KIND, scope, register)
        rows = [
            {"scope_item": id_, "observed_at": said_at, **_stated(attributes, facts)}
            for id_, facts in told.items()
        ]
        schema = {
            "scope_item": pl.String(),
            "observed_at": pl.Datetime("us", "UTC"),
            **statement_columns(attributes),
        }
        folder = settings.attributes_path / f"{_KIND}.{scope}" / register
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


def _stated(attributes: Iterable[Attribute], facts: Mapping[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for attribute in attributes:
        if attribute.name in facts:
            said[attribute.name] = facts[attribute.name]
            if attribute.optional:
                said[presence(attribute.name)] = True
        elif attribute.type is ValueType.BOOLEAN:
            said[attribute.name] = False
        elif attribute.optional:
            said[presence(attribute.name)] = False
    return said
