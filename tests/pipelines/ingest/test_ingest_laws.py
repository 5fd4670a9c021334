"""Laws of the door: order, repetition and lateness of rows and files do not change where it ends."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.ingest import IngestReport
from records.settings import Settings
from tests.pipelines.ingest.conftest import Desk
from tests.pipelines.ingest.test_bad_rows import BAD, GOOD, HEADERS

ORDER = list(HEADERS)
LINES = {
    table: [*GOOD[table], *(line for name, line, _ in BAD if name == table and '"' not in line)]
    for table in ORDER
}
laws = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def some_files(lines: dict[str, list[str]]) -> st.SearchStrategy[dict[str, list[str]]]:
    """Files of up to three tables, each of any of its lines."""
    tables = st.lists(st.sampled_from(ORDER), min_size=1, max_size=3, unique=True)
    return tables.flatmap(
        lambda names: st.fixed_dictionaries(
            {name: st.lists(st.sampled_from(lines[name]), max_size=25) for name in names}
        )
    )


def fresh(desk: Desk, name: str) -> Desk:
    """The same desk with empty records."""
    home = desk.settings.home.with_name(name)
    shutil.rmtree(home, ignore_errors=True)
    shutil.rmtree(desk.folder)
    desk.folder.mkdir()
    other = Desk(desk.folder, Settings(home=home), desk.catalogue, desk.peopled)
    other.people()
    return other


def put_in(desk: Desk, files: dict[str, Sequence[str]]) -> IngestReport:
    for table, lines in files.items():
        desk.lay(f"{table}.csv", HEADERS[table], *lines)
    return desk.ingest()


def held(desk: Desk) -> dict[str, Any]:
    """The records and statements, without the names of batches and what is yet to be acted on."""
    records = {
        name: rows
        for name, rows in desk.state()["records"].items()
        if name not in ("ingest_batch", "quarantine", "arrival")
    }
    attributes = {
        table: desk.statements(table).rows()
        for table in ORDER
        if "." in table and any(folder(desk, table).glob("*.parquet"))
    }
    return {"records": records, "attributes": attributes}


def folder(desk: Desk, table: str) -> Path:
    kind_scope, register = table.rsplit(".", 1)
    return desk.settings.attributes_path / kind_scope / register


def adds_up(report: IngestReport, files: dict[str, Sequence[str]]) -> None:
    for table, counts in report.tables.items():
        assert counts.read == len(files[table])
        assert counts.read == counts.accepted + counts.quarantined + counts.unchanged
    for one in report.files:
        assert (one.quarantine is None) == (one.quarantined == 0)
        assert sum(one.reasons.values()) >= one.quarantined


@pytest.mark.slow
@laws
@given(some_files(LINES), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(desk: Desk, files: dict[str, list[str]], random: Any) -> None:
    first = fresh(desk, "first")
    report = put_in(first, files)
    adds_up(report, files)
    shuffled = {table: random.sample(lines, len(lines)) for table, lines in files.items()}
    second = fresh(desk, "second")
    again = put_in(second, shuffled)
    assert held(first) == held(second)
    assert {n: (t.accepted, t.quarantined) for n, t in report.tables.items()} == {
        n: (t.accepted, t.quarantined) for n, t in again.tables.items()
    }


@pytest.mark.slow
@laws
@given(some_files(LINES), st.data())
def test_saying_things_twice_does_not_matter(
    desk: Desk, files: dict[str, list[str]], data: st.DataObject
) -> None:
    once = fresh(desk, "first")
    put_in(once, files)
    repeated = {
        table: lines + (data.draw(st.lists(st.sampled_from(lines), max_size=6)) if lines else [])
        for table, lines in files.items()
    }
    twice = fresh(desk, "second")
    adds_up(put_in(twice, repeated), repeated)
    assert held(once) == held(twice)
    adds_up(put_in(twice, files), files)
    assert held(once) == held(twice)


@pytest.mark.slow
@laws
@given(some_files(GOOD), st.data())
def test_cutting_a_file_into_parts_does_not_matter(
    desk: Desk, files: dict[str, list[str]], data: st.DataObject
) -> None:
    whole = fresh(desk, "first")
    put_in(whole, files)
    parts = fresh(desk, "second")
    for table, lines in files.items():
        cut = data.draw(st.integers(0, len(lines)))
        parts.lay(f"{table}/part-2.csv", HEADERS[table], *lines[:cut])
        parts.lay(f"{table}/part-1.csv", HEADERS[table], *lines[cut:])
    parts.ingest()
    assert held(whole) == held(parts)


NOON = "2026-01-05T12:00:00+08:00"
LATER = "2026-01-09T12:00:00+08:00"
STAGES = [
    (
        "cases",
        f"k,c0,first-id-card,once,open,hall,{NOON},",
        f"k,c0,first-id-card,once,succeeded,hall,{NOON},{LATER}",
        "already_final:closed_at",
    ),
    (
        "consents",
        f"c0,rank,interactions,{NOON},,v1",
        f"c0,rank,interactions,{NOON},{LATER},v1",
        "already_final:withdrawn_at",
    ),
]


@pytest.mark.parametrize(("table", "early", "late", "reason"), STAGES)
def test_an_old_state_that_comes_late_takes_nothing_back(
    desk: Desk, table: str, early: str, late: str, reason: str
) -> None:
    forward = fresh(desk, "first")
    for line in (early, late):
        [report] = put_in(forward, {table: [line]}).files
        assert report.accepted == 1
    backward = fresh(desk, "second")
    put_in(backward, {table: [late]})
    [report] = put_in(backward, {table: [early]}).files
    assert (report.quarantined, dict(report.reasons)) == (1, {reason: 1})
    assert held(forward) == held(backward)


def test_what_may_change_changes_and_what_may_not_does_not(either_desk: Desk) -> None:
    desk = either_desk
    desk.people()
    put_in(desk, {"scope_items": ["car,vehicle,c0,旧车"], "relations": ["c0,c1,proxy,,2026-01-01,"]})
    [named] = put_in(desk, {"scope_items": ["car,vehicle,c0,新车", "c0,self,c0,"]}).files[:1]
    assert (named.accepted, named.unchanged) == (1, 1)
    [taken, prolonged] = put_in(
        desk, {"scope_items": ["car,vehicle,c1,新车"], "relations": ["c0,c1,proxy,,2026-01-01,2027-01-01"]}
    ).files
    assert dict(taken.reasons) == {"key_taken:owner": 1}
    assert prolonged.accepted == 1
    labels = {row["id"]: (row["owner"], row["label"]) for row in desk.rows("scope_item")}
    assert labels["car"] == ("c0", "新车")
    assert str(desk.rows("relation")[0]["valid_to"]) == "2027-01-01"


def test_a_register_does_not_unsay_what_it_said_at_one_time(desk: Desk) -> None:
    desk.people()
    table = "citizen.self.tax"
    put_in(desk, {table: [f"c0,{NOON},1", f"c1,{NOON},2"]})
    [report] = put_in(desk, {table: [f"c0,{NOON},1", f"c1,{NOON},3", f"c1,{LATER},3"]}).files
    assert (report.accepted, report.quarantined, report.unchanged) == (1, 1, 1)
    assert dict(report.reasons) == {"key_taken:monthly_income": 1}
    assert desk.statements(table)["monthly_income"].to_list() == [1, 2, 3]


def test_a_column_left_out_is_unknown_and_said_to_be(desk: Desk) -> None:
    desk.people()
    path = desk.lay(
        "citizen.self.public-security.csv", "scope_item,observed_at,birth_date", f"c0,{NOON},1990-01-01"
    )
    [report] = desk.ingest(path).files
    assert report.left_out == ("hukou_province", "passport_expiry", "has_passport_expiry")
    [row] = desk.statements("citizen.self.public-security").to_dicts()
    assert (row["hukou_province"], row["passport_expiry"], row["has_passport_expiry"]) == (None, None, None)


def test_subjects_without_a_scope_item_of_their_own_are_given_one(desk: Desk) -> None:
    desk.lay("subjects.csv", "subject,kind", "a,citizen", "b,citizen")
    desk.lay("scope_items.csv", "id,scope,owner,label", "a,self,a,")
    desk.lay("citizen.self.tax.csv", "scope_item,observed_at,monthly_income", f"b,{NOON},1")
    report = desk.ingest()
    assert report.completed == 1
    assert report.tables["citizen.self.tax"].accepted == 1
    assert [(row["id"], row["scope"]) for row in desk.rows("scope_item")] == [("a", "self"), ("b", "self")]
