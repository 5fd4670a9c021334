"""Many subjects of whom next to nothing is known: enough to hand in what they do."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl

import catalog
from catalog.artefact import save
from catalog.catalogue import Catalogue
from catalog.loader import load_catalogue
from features.registry import apply
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
