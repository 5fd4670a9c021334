"""Many subjects of whom next to nothing is known: enough to hand in what they do, and to look at pages."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl

import catalog
from catalog.artefact import save
from catalog.catalogue import Catalogue
from catalog.loader import load_catalogue
from catalog.vocabulary import Scope, SubjectKind, ValueType
from features.freshness import default_shelf_life
from features.packing import Statement, pack
from features.registers import registers_of, stored_attributes
from features.registry import apply, open_store
from features.retrieval import OnlineProfiles
from features.schema import ABSENT, Value
from pipelines.features.materialise import store_location
from records.bulk import insert_rows
from records.database import open_records, writing
from records.settings import Settings
from records.tables import consent, scope_item, subject

SINCE = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def bare_town(settings: Settings, citizens: int) -> tuple[Catalogue, list[str]]:
    """The real catalogue, an empty feature store, and so many citizens who let everything be used."""
    catalogue = load_catalogue(Path(catalog.__file__).parent / "data")
    save(catalogue, settings.catalogue_path)
    apply(store_location(settings), catalogue)
    ids = [f"c-{number:06}" for number in range(citizens)]
    engine = open_records(settings)
    try:
        with writing(engine) as connection:
            insert_rows(connection, subject, pl.DataFrame({"id": ids, "kind": ["citizen"] * citizens}))
            selves = {"id": ids, "scope": ["self"] * citizens, "owner": ids}
            insert_rows(connection, scope_item, pl.DataFrame(selves))
            insert_rows(connection, consent, _consents(ids))
    finally:
        engine.dispose()
    return catalogue, ids


def _consents(ids: list[str]) -> pl.DataFrame:
    whose = pl.DataFrame({"subject": ids, "target": "interactions", "granted_at": SINCE, "text_version": "1"})
    return whose.join(pl.DataFrame({"purpose": ["rank", "train", "aggregate"]}), how="cross").with_columns(
        pl.col("granted_at").cast(pl.Datetime("us", "UTC"))
    )


def tell_of_all(settings: Settings, catalogue: Catalogue, ids: list[str]) -> None:
    """Let every register say of each citizen that there is next to nothing: grown up, and of this city."""
    store = open_store(store_location(settings))
    online = OnlineProfiles(store, catalogue, default_shelf_life(), lambda: SINCE)
    kind, scope = SubjectKind.CITIZEN, Scope.SELF
    said = {
        register: pack(Statement(dt.datetime.now(dt.UTC), _little(catalogue, register)))
        for register in registers_of(catalogue, kind, scope)
    }
    for start in range(0, len(ids), 500):
        online.write(kind, scope, dict.fromkeys(ids[start : start + 500], said))


def _little(catalogue: Catalogue, register: str) -> dict[str, Value]:
    told: dict[str, Value] = {}
    for attribute in stored_attributes(catalogue, SubjectKind.CITIZEN, Scope.SELF, register):
        if attribute.name == "birth_date":
            told[attribute.name] = dt.date(1984, 5, 6)
        elif attribute.optional:
            told[attribute.name] = ABSENT
        elif attribute.type is ValueType.BOOLEAN:
            told[attribute.name] = False
        elif attribute.type is ValueType.NUMBER:
            told[attribute.name] = 0.0
        elif "BJ" in attribute.allowed:
            told[attribute.name] = "BJ"
    return told
