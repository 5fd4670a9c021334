"""A file that tells birth dates tells who is under 18, in the transaction that takes it in."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import delete

from commands.catalog import DATA, loaded
from pipelines.features.materialise import materialise
from pipelines.ingest import contracts_for
from pipelines.ingest.births import _SELVES
from records.database import open_records, writing
from records.minors import BIRTH_DATE
from records.tables import minor
from tests.pipelines.ingest.conftest import AT, Desk

REGISTER = "citizen.self.public-security"
HEAD = "scope_item,observed_at,birth_date"


@pytest.fixture
def town(either_desk: Desk) -> Desk:
    either_desk.people()
    return either_desk


def minors(desk: Desk) -> dict[str, dt.date]:
    return {row["subject"]: row["until"] for row in desk.rows("minor")}


def say(desk: Desk, *lines: str, days: int = 0) -> None:
    desk.lay(f"{REGISTER}.csv", HEAD, *lines)
    desk.ingest(at=AT + dt.timedelta(days=days))


def test_whoever_is_under_eighteen_is_noted_and_nobody_else(town: Desk) -> None:
    said = ("c0,2026-02-20T08:00:00Z,2010-06-01", "c1,2026-02-20T08:00:00Z,1990-06-01")
    say(town, *said, "c2,2026-02-20T08:00:00Z,")
    assert minors(town) == {"c0": dt.date(2028, 6, 1)}


def test_the_register_s_last_statement_counts_whatever_came_in_last(town: Desk) -> None:
    say(town, "c0,2026-02-20T08:00:00Z,2010-06-01", "c1,2026-02-25T08:00:00Z,2011-06-01")
    say(town, "c0,2026-02-25T08:00:00Z,1980-06-01", "c1,2026-02-20T08:00:00Z,1981-06-01", days=1)
    assert minors(town) == {"c1": dt.date(2029, 6, 1)}


def test_a_child_s_birth_date_is_of_no_subject(town: Desk) -> None:
    town.lay(
        "citizen.child.public-security.csv",
        "scope_item,observed_at,child_birth_date",
        "c0-kid,2026-02-20T08:00:00Z,2020-06-01",
    )
    town.ingest()
    assert minors(town) == {}


def test_records_that_are_older_than_their_table_of_minors_are_made_whole(desk: Desk) -> None:
    desk.people()
    say(desk, "c0,2026-02-20T08:00:00Z,2010-06-01", "c1,2025-02-20T08:00:00Z,2011-06-01")
    engine = open_records(desk.settings)
    with writing(engine) as connection:
        connection.execute(delete(minor))
    engine.dispose()
    materialise(desk.settings, desk.catalogue, AT)
    assert minors(desk) == {"c0": dt.date(2028, 6, 1), "c1": dt.date(2029, 6, 1)}


def test_the_catalogue_tells_birth_dates_in_a_table_that_is_looked_at() -> None:
    contracts = contracts_for(loaded(DATA))
    [table] = [name for name, one in contracts.items() if BIRTH_DATE in {c.name for c in one.columns}]
    assert table == REGISTER
    assert table.startswith(_SELVES)
