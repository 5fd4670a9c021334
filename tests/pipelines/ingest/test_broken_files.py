"""A file that is not what its contract says, or breaks half-way, leaves everything as it was."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert
from sqlalchemy.exc import OperationalError

from pipelines.ingest import IngestRefused, settling
from pipelines.ingest.contract import Contract
from pipelines.ingest.duplicates import Sorted
from records.tables import subject
from tests.pipelines.ingest.conftest import AT, Desk
from tests.pipelines.ingest.hand_made import write_citizens

GOOD = "subject,kind\na,citizen\nb,enterprise\n"


@pytest.fixture
def peopled(desk: Desk) -> Desk:
    desk.people()
    return desk


def codes(refusal: pytest.ExceptionInfo[IngestRefused]) -> list[tuple[str, str]]:
    return [(fault.file, fault.code) for fault in refusal.value.report.refused]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"subject\na\n", "missing_columns"),
        (b"subject,kind,colour\na,citizen,red\n", "unknown_columns"),
        (b"subject,kind,age\na,citizen,3\n", "derived_columns"),
        (b"subject,kind,kind\na,citizen,citizen\n", "repeated_columns"),
        (b"subject;kind\na;citizen\n", "separator"),
        (GOOD.encode("utf-16"), "utf16"),
        (GOOD.encode() + "小满,citizen\n".encode()[:-12] + b"\xff,citizen\n", "bad_encoding"),
        (GOOD.encode() + b'"c,citizen\n', "unclosed_quote"),
        (GOOD.encode() + b'"c\nd",citizen\n', "line_break"),
        (GOOD.encode() + b"c,citizen\nd", "cut_off"),
        (b"kind,subject\ncitizen,c1", "cut_off"),
        (b"subject,kind", "cut_off"),
    ],
)
def test_a_broken_csv_is_refused_with_its_fault(desk: Desk, content: bytes, code: str) -> None:
    desk.people()
    before = desk.state()
    path = desk.folder / "subjects.csv"
    path.write_bytes(content)
    with pytest.raises(IngestRefused) as refusal:
        desk.ingest(path)
    assert codes(refusal) == [("subjects.csv", code)]
    [fault] = refusal.value.report.refused
    assert fault.text.zh in str(refusal.value)
    assert fault.text.en in str(refusal.value)
    assert desk.state() == before


def test_a_last_row_without_a_line_end_goes_in_where_it_cannot_be_half_a_row(desk: Desk) -> None:
    path = desk.folder / "subjects.csv"
    path.write_bytes(GOOD.encode().removesuffix(b"\n"))
    assert desk.ingest(path).files[0].accepted == 2
    path.write_bytes(GOOD.encode() + b"c")
    with pytest.raises(IngestRefused):
        desk.ingest(path)
    path.write_bytes(GOOD.encode() + b"c\n")
    assert desk.ingest(path).files[0].reasons == {"wrong_field_count": 1}


def test_all_faults_of_all_files_are_named_at_once_and_good_files_go_in(desk: Desk) -> None:
    desk.lay("subjects.csv", "subject,kind", "a,citizen")
    desk.lay("scope_items.csv", "id,scope,holder", "a,self,a")
    desk.lay("evidence.csv", "id,scope_item,type,valid_from,valid_to,source", "p,a,income-proof,,,upload")
    desk.lay("visits.csv", "id", "1")
    desk.lay("cases.xlsx", "")
    desk.lay("attributes/citizen.self.public-security.csv", "scope_item,observed_at,age,shoe_size", "a,,,")
    desk.lay("read me.md", "hello")
    with pytest.raises(IngestRefused) as refusal:
        desk.ingest()
    report = refusal.value.report
    assert sorted(codes(refusal)) == [
        ("attributes/citizen.self.public-security.csv", "derived_columns"),
        ("attributes/citizen.self.public-security.csv", "unknown_columns"),
        ("cases.xlsx", "unknown_format"),
        ("evidence.csv", "held_back"),
        ("scope_items.csv", "missing_columns"),
        ("scope_items.csv", "unknown_columns"),
        ("visits.csv", "unknown_table"),
    ]
    text = {fault.code: fault.text.en for fault in report.refused if fault.file == "scope_items.csv"}
    assert "label, owner" in text["missing_columns"]
    assert "holder" in text["unknown_columns"]
    assert [(one.file, one.accepted) for one in report.files] == [("subjects.csv", 1)]
    assert report.ignored == ("read me.md",)


def test_nothing_where_there_is_nothing(desk: Desk, tmp_path: Path) -> None:
    for source, code in ((tmp_path / "gone", "nothing_there"), (desk.folder, "no_tables")):
        with pytest.raises(IngestRefused) as refusal:
            desk.ingest(source)
        assert codes(refusal) == [(source.name, code)]


def test_the_truth_of_a_city_is_never_read(desk: Desk) -> None:
    desk.lay("subjects.csv", "subject,kind", "a,citizen")
    desk.lay("truth/preferences.csv", "whatever", "1")
    report = desk.ingest()
    assert [one.file for one in report.files] == ["subjects.csv"]


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"client_id": [1], "subject": ["c0"]}, "wrong_column_type"),
        ({"at": [dt.datetime(2026, 1, 1)]}, "wrong_column_type"),  # noqa: DTZ001
        ({"position": ["x"]}, None),
        ({"position": [1.5]}, "wrong_column_type"),
    ],
)
def test_parquet_columns_must_be_of_the_contracts_types(
    desk: Desk, columns: dict[str, list[object]], code: str | None
) -> None:
    desk.people()
    row: dict[str, list[object]] = {
        "client_id": ["x"], "subject": ["c0"], "scope_item": [None], "item": [None], "kind": ["view"],
        "channel": [None], "query": [None], "slate": [None], "position": [None], "propensity": [None],
        "at": [AT],
    }  # fmt: skip
    path = desk.folder / "interactions.parquet"
    pl.DataFrame({**row, **columns}).write_parquet(path)
    if code is None:
        assert desk.ingest(path).files[0].reasons == {"bad_integer:position": 1}
        return
    with pytest.raises(IngestRefused) as refusal:
        desk.ingest(path)
    assert codes(refusal) == [("interactions.parquet", code)]


def test_a_parquet_file_cut_at_any_byte_changes_nothing(desk: Desk) -> None:
    desk.people()
    people = {"subject": [f"n{n}" for n in range(2000)], "kind": ["citizen"] * 2000}
    path = desk.folder / "subjects.parquet"
    pl.DataFrame(people).write_parquet(path)
    whole = path.read_bytes()
    before = desk.state()
    for length in (1, 4, len(whole) // 3, len(whole) - 9, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(IngestRefused) as refusal:
            desk.ingest(path)
        assert codes(refusal) == [("subjects.parquet", "unreadable")]
    path.write_bytes(whole[:200] + bytes(400) + whole[600:])
    with pytest.raises(IngestRefused) as refusal:
        desk.ingest(path)
    assert codes(refusal) == [("subjects.parquet", "unreadable")]
    assert desk.state() == before
    path.write_bytes(whole)
    assert desk.ingest(path).files[0].accepted == 2000


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_csv_cut_at_any_byte_brings_in_no_wrong_row(peopled: Desk, data: st.DataObject) -> None:
    desk = peopled
    lines = [f"n{n},c0,,,search,web,居住证{n},,,,2026-01-05T12:00:00+08:00" for n in range(30)]
    header = "client_id,subject,scope_item,item,kind,channel,query,slate,position,propensity,at"
    whole = "\n".join([header, *lines, ""]).encode()
    cut = data.draw(st.integers(1, len(whole) - 1))
    path = desk.folder / "interactions.csv"
    path.write_bytes(whole[:cut])
    written = set(lines)
    try:
        desk.ingest(path)
    except IngestRefused:
        assert not whole[:cut].endswith(b"\n")
    for row in desk.rows("interaction"):
        at = row["at"].astimezone(dt.timezone(dt.timedelta(hours=8))).isoformat()
        assert f"{row['client_id']},c0,,,search,web,{row['query']},,,,{at}" in written


FAILURES: list[tuple[str, Callable[..., object]]] = [
    ("write_quarantine", lambda *_: (_ for _ in ()).throw(OSError("disk full"))),
    ("publish", lambda *_: (_ for _ in ()).throw(OSError("disk full"))),
    ("enter_batch", lambda *_: (_ for _ in ()).throw(OperationalError("locked", None, OSError()))),
]


@pytest.mark.parametrize(("place", "failure"), FAILURES, ids=[place for place, _ in FAILURES])
def test_a_failure_half_way_leaves_everything_as_it_was(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, place: str, failure: Callable[..., object]
) -> None:
    desk.people()
    before = desk.state()
    noon = "2026-01-05T12:00:00+08:00"
    path = desk.lay(
        "citizen.self.tax.csv", "scope_item,observed_at,monthly_income", f"c0,{noon},1", f"c1,{noon},x"
    )
    monkeypatch.setattr(settling, place, failure)
    with pytest.raises((OSError, OperationalError)):
        desk.ingest(path)
    assert desk.state() == before
    monkeypatch.undo()
    [report] = desk.ingest(path).files
    assert (report.accepted, report.quarantined) == (1, 1)


def test_a_row_that_somebody_else_wrote_meanwhile_is_no_half_ingest(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.people()
    before = desk.state()
    path = desk.lay("subjects.csv", "subject,kind", "n1,citizen", "n2,citizen")
    load = settling.load_rows

    def beaten(connection: Connection, contract: Contract, rows: Sorted, at: dt.datetime) -> None:
        connection.execute(insert(subject).values(id="n2", kind="citizen"))
        load(connection, contract, rows, at)

    monkeypatch.setattr(settling, "load_rows", beaten)
    with pytest.raises(IngestRefused) as refusal:
        desk.ingest(path)
    assert codes(refusal) == [("subjects.csv", "changed_meanwhile")]
    assert desk.state() == before


def test_gbk_is_read_and_said(desk: Desk) -> None:
    desk.people()
    path = desk.lay(
        "scope_items.csv", "id,scope,owner,label", "k,child,c0,小满", "v,vehicle,c0,京联通", encoding="gbk"
    )
    [report] = desk.ingest(path).files
    assert (report.encoding, report.accepted) == ("GBK", 2)
    labels = {row["id"]: row["label"] for row in desk.rows("scope_item")}
    assert (labels["k"], labels["v"]) == ("小满", "京联通")


def test_a_damaged_utf8_file_is_not_taken_for_gbk(desk: Desk) -> None:
    write_citizens(desk.folder, desk.catalogue, dt.date(2026, 2, 28), count=300)
    content = (desk.folder / "scope_items.csv").read_bytes()
    place = content.index("小".encode())
    (desk.folder / "scope_items.csv").write_bytes(content[:place] + content[place + 1 :])
    with pytest.raises(IngestRefused) as refusal:
        desk.ingest(desk.folder / "scope_items.csv")
    assert codes(refusal) == [("scope_items.csv", "bad_encoding")]
