"""What a file tells of somebody waits for the live worker; a whole load does not, one by one."""

from __future__ import annotations

import pytest

from pipelines.ingest import touched
from tests.pipelines.ingest.conftest import Desk
from tests.pipelines.ingest.test_bad_rows import HEADERS

NOON = "2026-01-05T12:00:00+08:00"
LINES = {
    "cases": ["k1,c0,first-id-card,once,open,hall,2026-01-05T12:00:00+08:00,"],
    "consents": [f"c1,rank,interactions,{NOON},,v1"],
    "relations": ["c0,c1,proxy,,2026-01-01,"],
    "citizen.self.tax": [f"c2,{NOON},1", f"c0,{NOON},2"],
}


def lay(desk: Desk) -> None:
    for table, lines in LINES.items():
        desk.lay(f"{table}.csv", HEADERS[table], *lines)


def waiting(desk: Desk) -> list[tuple[str, str, list[str]]]:
    rows = desk.rows("arrival")
    assert all(row["items"] is None and row["attempts"] == 0 for row in rows)
    return sorted((row["subject"], row["kind"], row["about"]) for row in rows)


def test_everybody_whom_a_file_says_something_new_of_waits(either_desk: Desk) -> None:
    desk = either_desk
    desk.people()
    lay(desk)
    desk.ingest()
    told = [
        ("c0", "case", ["k1"]),
        ("c0", "register", ["c0"]),
        ("c0", "relation", ["c0"]),
        ("c1", "consent", ["c1"]),
        ("c1", "relation", ["c1"]),
        ("c2", "register", ["c2"]),
    ]
    assert waiting(desk) == told
    lay(desk)
    desk.ingest()
    assert waiting(desk) == told, "what is known already touches nobody"


def test_a_whole_load_is_left_to_the_run_over_the_city(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(touched, "MOST", 1)
    desk.people()
    lay(desk)
    desk.ingest()
    assert waiting(desk) == [("c0", "case", ["k1"]), ("c1", "consent", ["c1"])]
