"""The tables of a built city: the contract's shape, ids that resolve, nothing of the truth."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from catalog.catalogue import Catalogue
from pipelines.city.tables import SCHEMAS
from pipelines.ingest import IngestRefused, ingest
from records.settings import Settings
from tests.pipelines.city.conftest import AS_OF, Town

KEYS = {
    "subjects": ["subject"],
    "scope_items": ["id"],
    "relations": ["subject", "other", "kind", "scope"],
    "evidence": ["id"],
    "cases": ["id"],
    "consents": ["subject", "purpose", "target", "granted_at"],
    "interactions": ["client_id"],
    "consultations": ["id"],
    "ratings": ["subject", "item", "at"],
}


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_a_table_has_the_contracts_columns_and_a_unique_key(town: Town, name: str) -> None:
    table = town.table(name)
    assert dict(table.schema) == SCHEMAS[name]
    assert table.height > 0
    assert table.select(KEYS[name]).is_duplicated().sum() == 0


def test_the_ingest_door_takes_every_row(town: Town, real_catalogue: Catalogue, tmp_path: Path) -> None:
    at = dt.datetime.combine(AS_OF + dt.timedelta(days=1), dt.time(12), tzinfo=dt.UTC)
    settings = Settings(home=tmp_path / "home", today=AS_OF)
    try:
        report = ingest(town.report.out, settings, real_catalogue, at)
    except IngestRefused as refused:
        report = refused.report
        assert [fault.file for fault in report.refused] == ["manifest.json"]
    reasons = {file.file: file.reasons for file in report.files if file.quarantined}
    assert reasons == {}
    assert sum(file.accepted for file in report.files if file.table == "cases") == town.report.rows["cases"]


def test_scope_items_belong_to_subjects_and_each_subject_is_one(town: Town) -> None:
    subjects, items = town.table("subjects"), town.table("scope_items")
    assert items.join(subjects, left_on="owner", right_on="subject", how="anti").height == 0
    selves = items.filter(pl.col("scope") == "self")
    assert set(selves["id"]) == set(subjects["subject"])
    assert (selves["id"] == selves["owner"]).all()


@pytest.mark.parametrize(
    ("table", "column"), [("evidence", "scope_item"), ("cases", "scope_item"), ("interactions", "scope_item")]
)
def test_scope_items_referred_to_exist(town: Town, table: str, column: str) -> None:
    referred = town.table(table).drop_nulls(column)
    assert referred.join(town.table("scope_items"), left_on=column, right_on="id", how="anti").height == 0


def test_attribute_tables_state_stored_attributes_alone(town: Town, real_catalogue: Catalogue) -> None:
    items = town.table("scope_items")
    tables = [name for name in town.tables if name.startswith("attributes/")]
    assert len(tables) > 30
    for name in tables:
        kind, scope, register = name.removeprefix("attributes/").split(".")
        table = town.table(name)
        stored = {
            a.name: a
            for a in real_catalogue.attributes.values()
            if (a.subject, a.scope, a.register) == (kind, scope, register) and a.derived is None
        }
        optional = {f"has_{a}" for a, attribute in stored.items() if attribute.optional}
        assert set(table.columns) == {"scope_item", "observed_at", *stored, *optional}
        assert table.join(items, left_on="scope_item", right_on="id", how="anti").height == 0
        assert table.select("scope_item", "observed_at").is_duplicated().sum() == 0


def test_nothing_is_stamped_after_the_last_day(town: Town) -> None:
    """The last day ends at midnight in Beijing."""
    end = dt.datetime.combine(AS_OF, dt.time(16), tzinfo=dt.UTC)
    for name in town.tables:
        table = town.table(name)
        for column, kind in table.schema.items():
            if isinstance(kind, pl.Datetime):
                latest = table[column].max()
                assert latest is None or latest < end, (name, column)


def test_registers_speak_late_and_do_not_know_everything(town: Town) -> None:
    human_resources = town.table("attributes/citizen.self.human-resources")
    assert 0 < human_resources["employment_status"].null_count() < human_resources.height / 4
    later = human_resources.group_by("scope_item").len()
    assert later["len"].max() > 1
    declared = town.table("attributes/citizen.self.declared")
    assert declared["plans_travel_abroad"].null_count() > declared.height / 5


def test_the_truth_is_in_no_table(town: Town) -> None:
    hidden = {"prototype", "event", "began", "factors", "hidden", "omniscient"}
    events = set(town.world.events) - {"death"}
    for name in town.tables:
        if name.startswith("truth/"):
            continue
        table = town.table(name)
        assert not hidden & set(table.columns)
        assert not any(column.startswith("_") for column in table.columns)
        words = {
            word
            for column, kind in table.schema.items()
            if kind == pl.String
            for word in table[column].unique()
        }
        assert not (events & words) - {"retirement", "bereavement", "disability", "illness", "marriage"}


def test_labels_and_manifest_say_synthetic(town: Town) -> None:
    vehicles = town.table("scope_items").filter(pl.col("scope") == "vehicle")
    assert vehicles.height > 0
    assert vehicles["label"].str.contains("示").all()
    manifest = (town.report.out / "manifest.json").read_text(encoding="utf-8")
    assert '"synthetic": true' in manifest
    assert town.world.hash in manifest
    assert town.report.catalogue_version in manifest


def test_consents_differ_between_people(town: Town) -> None:
    subjects = town.table("subjects")
    consents = town.table("consents")
    assert 0 < consents["subject"].n_unique() < subjects.height
    given = consents.group_by("subject").agg(pl.col("purpose").n_unique())
    assert given["purpose"].n_unique() > 1
