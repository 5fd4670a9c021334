"""A thousand citizens typed by hand go in whole, once, and can be read back."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from records.database import engine_for
from records.profiles import ProfileReader
from tests.pipelines.ingest.conftest import Desk
from tests.pipelines.ingest.hand_made import write_citizens

ON = dt.date(2026, 2, 28)


def count_lines(path: Path) -> int:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return sum(1 for _ in csv.reader(stream)) - 1


@pytest.mark.slow
def test_a_thousand_citizens_go_in_and_nothing_changes_the_second_time(either_desk: Desk) -> None:
    desk = either_desk
    write_citizens(desk.folder, desk.catalogue, ON)
    report = desk.ingest()
    assert not report.refused
    for one in report.files:
        assert one.read == one.accepted == count_lines(desk.folder / one.file), one
        assert one.quarantined == one.unchanged == 0
    assert len(desk.rows("subject")) == 1000
    assert len(desk.rows("interaction")) == report.tables["interactions"].accepted
    before = desk.state()
    again = desk.ingest()
    assert {name: (t.accepted, t.quarantined) for name, t in again.tables.items()} == dict.fromkeys(
        report.tables, (0, 0)
    )
    assert {n: t.unchanged for n, t in again.tables.items()} == {n: t.read for n, t in report.tables.items()}
    assert desk.state() == before


def test_every_hand_made_citizen_has_a_profile(desk: Desk) -> None:
    write_citizens(desk.folder, desk.catalogue, ON, count=200)
    desk.ingest()
    engine = engine_for(desk.settings.records_url)

    class Nobody:
        def read(self, _kind: object, _scope_items: object, /) -> dict[str, object]:
            return {}

    reader = ProfileReader(engine, Nobody())  # type: ignore[arg-type]
    items = pl.read_csv(desk.folder / "scope_items.csv")
    for number in range(200):
        profile = reader.read(f"hand-{number:04d}")
        mine = items.filter(pl.col("owner") == profile.subject)
        assert sorted(item.id for item in profile.scope_items) == sorted(mine["id"])
        assert profile.scope_items[0].id == profile.subject
    engine.dispose()


def test_the_same_seed_types_the_same_files(tmp_path: Path, desk: Desk) -> None:
    for name in ("one", "other"):
        write_citizens(tmp_path / name, desk.catalogue, ON, count=50, seed=7)
    files = sorted((tmp_path / "one").rglob("*.csv"))
    assert len(files) == 14
    for path in files:
        assert path.read_bytes() == (tmp_path / "other" / path.relative_to(tmp_path / "one")).read_bytes()


@pytest.mark.parametrize("part", ["subjects.csv", "attributes/citizen.self.public-security.csv"])
def test_one_file_may_be_handed_over_alone(desk: Desk, part: str) -> None:
    write_citizens(desk.folder, desk.catalogue, ON, count=20)
    if part != "subjects.csv":
        desk.ingest(desk.folder / "subjects.csv")
    [report] = desk.ingest(desk.folder / part).files
    assert (report.read, report.accepted) == (20, 20)
