"""Attributes as of a day or an instant, beside a plain reading of the same statements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.catalogue import Catalogue
from catalog.vocabulary import Scope, SubjectKind
from features.freshness import FreshnessError, ShelfLife, default_shelf_life, load_shelf_life
from features.snapshot import historical_attributes, snapshot, snapshots
from features.statements import INSTANT, AttributeHistory, end_of

CITIZEN = SubjectKind.CITIZEN
NOON = dt.datetime(2026, 6, 1, 4, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
LIFE = ShelfLife(default_days=30, registers={"traffic": 5})
HEALTH = {"insured": pl.Boolean, "insured_months": pl.Float64}
TRAFFIC = {"licence_expiry": pl.Date, "has_licence_expiry": pl.Boolean}
VEHICLE = {"plate": pl.String}
ITEMS = pl.DataFrame(
    {
        "id": ["a", "b", "c", "av"],
        "scope": ["self", "self", "self", "vehicle"],
        "owner": ["a", "b", "c", "a"],
    }
)

instants = st.integers(-40, 3).map(lambda n: NOON + n * DAY)
health = st.fixed_dictionaries(
    {
        "scope_item": st.sampled_from(["a", "b", "stranger"]),
        "observed_at": instants,
        "insured": st.none() | st.booleans(),
        "insured_months": st.none() | st.integers(0, 9).map(float),
    }
)
traffic = st.fixed_dictionaries(
    {
        "scope_item": st.sampled_from(["a", "b"]),
        "observed_at": instants,
        "licence_expiry": st.none() | st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)),
        "has_licence_expiry": st.none() | st.booleans(),
    }
)
plates = st.fixed_dictionaries(
    {"scope_item": st.just("av"), "observed_at": instants, "plate": st.sampled_from(["BJ", "other"])}
)
Rows = list[dict[str, Any]]


def write(path: Path, folder: str, rows: Rows, columns: dict[str, Any], name: str = "1") -> None:
    (path / folder).mkdir(parents=True, exist_ok=True)
    schema = {"scope_item": pl.String, "observed_at": INSTANT, **columns}
    pl.DataFrame(rows, schema=schema).write_parquet(path / folder / f"{name}.parquet")


def last_word(rows: Rows, id_: str, at: dt.datetime, days: int, names: list[str]) -> dict[str, Any]:
    held = [row for row in rows if row["scope_item"] == id_ and at - days * DAY < row["observed_at"] <= at]
    # `max` keeps the first of equals; the later of two equal rows counts.
    newest = max(reversed(held), key=lambda row: row["observed_at"], default={})
    return {name: newest.get(name) for name in names}


@pytest.fixture
def path() -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        yield Path(folder)


@settings(max_examples=60)
@given(
    told=st.lists(health, max_size=8),
    driving=st.lists(traffic, max_size=8),
    cars=st.lists(plates, max_size=3),
)
@pytest.mark.slow
def test_snapshots_and_histories_hold_the_last_word(
    catalogue: Catalogue, told: Rows, driving: Rows, cars: Rows
) -> None:
    on = NOON.date()
    with TemporaryDirectory() as folder:
        path = Path(folder)
        history = AttributeHistory(path, catalogue, LIFE)
        write(path, "citizen.self/health", told[:4], HEALTH, "1")
        write(path, "citizen.self/health", told[4:], HEALTH, "2")
        write(path, "citizen.self/traffic", driving, TRAFFIC)
        write(path, "citizen.vehicle/traffic", cars, VEHICLE)
        table = snapshot(history, CITIZEN, Scope.SELF, on, ITEMS)
        vehicles = snapshot(history, CITIZEN, Scope.VEHICLE, on, ITEMS)
        parts = list(snapshots(history, CITIZEN, Scope.SELF, on, ITEMS, rows=2))
        asked = pl.DataFrame(
            [(id_, id_, NOON + n * DAY) for n in (3, -7, -20, 0) for id_ in ("b", "a", "a", "c")],
            schema={"scope_item": pl.String, "subject": pl.String, "event_timestamp": INSTANT},
            orient="row",
        )
        past = historical_attributes(history, CITIZEN, Scope.SELF, asked)

    def expected(id_: str, at: dt.datetime) -> dict[str, Any]:
        return last_word(told, id_, at, 30, list(HEALTH)) | last_word(driving, id_, at, 5, list(TRAFFIC))

    names = [*HEALTH, *TRAFFIC]
    assert table.frame["scope_item"].to_list() == ["a", "b", "c"]
    assert table.frame.select(names).to_dicts() == [
        {name: expected(id_, end_of(on))[name] for name in names} for id_ in "abc"
    ]
    assert pl.concat([part.frame for part in parts]).equals(table.frame)
    assert vehicles.frame.select("scope_item", "subject", "plate", *names).to_dicts() == [
        {"scope_item": "av", "subject": "a", **last_word(cars, "av", end_of(on), 5, ["plate"])}
        | {name: expected("a", end_of(on))[name] for name in names}
    ]
    assert past.frame.select(asked.columns).equals(asked)
    assert past.frame.select(names).to_dicts() == [
        {name: expected(row["scope_item"], row["event_timestamp"])[name] for name in names}
        for row in asked.iter_rows(named=True)
    ]


def test_every_stored_attribute_is_a_column_though_nobody_told(catalogue: Catalogue, path: Path) -> None:
    frame = snapshot(AttributeHistory(path, catalogue), CITIZEN, Scope.CHILD, NOON.date(), ITEMS).frame
    assert frame.height == 0
    frame = snapshot(AttributeHistory(path, catalogue), CITIZEN, Scope.SELF, NOON.date(), ITEMS).frame
    assert dict(frame.schema) == {
        "scope_item": pl.String,
        "subject": pl.String,
        "birth_date": pl.Date,
        "hukou_province": pl.String,
        "insured": pl.Boolean,
        "insured_months": pl.Float64,
        "licence_expiry": pl.Date,
        "sex": pl.String,
        "has_licence_expiry": pl.Boolean,
    }
    assert frame.drop("scope_item", "subject").null_count().sum_horizontal().item() == 3 * 7


def test_files_of_an_earlier_catalogue_still_read(catalogue: Catalogue, path: Path) -> None:
    told = [{"scope_item": "a", "observed_at": NOON, "insured_months": 3, "retired_attribute": "x"}]
    write(path, "citizen.self/health", told, {"insured_months": pl.Int32, "retired_attribute": pl.String})
    frame = snapshot(AttributeHistory(path, catalogue), CITIZEN, Scope.SELF, NOON.date(), ITEMS).frame
    assert frame.filter(scope_item="a").select("insured", "insured_months").to_dicts() == [
        {"insured": None, "insured_months": 3.0}
    ]
    assert "retired_attribute" not in frame.columns


def test_a_day_ends_in_shanghai() -> None:
    assert end_of(dt.date(2026, 6, 1)) == dt.datetime(2026, 6, 1, 15, 59, 59, 999999, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "text", ["default_days: 0", "default_days: x", "registers: {}", "default_days: 9\nday: 1"]
)
def test_a_faulty_freshness_file_is_refused_by_name(tmp_path: Path, text: str) -> None:
    written = tmp_path / "freshness.yaml"
    written.write_text(text)
    with pytest.raises(FreshnessError, match=r"freshness\.yaml"):
        load_shelf_life(written)
    with pytest.raises(FreshnessError, match="cannot be read"):
        load_shelf_life(tmp_path / "none.yaml")


def test_what_people_declare_goes_stale_sooner() -> None:
    life = default_shelf_life()
    assert life.of("declared") < life.of("public-security")
