"""Appointing officials and taking in documents at the keyboard, over real records."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from typer.testing import CliRunner

from commands.main import app
from records.database import open_records, reading, writing
from records.identities import subject_with
from records.keys import open_secrets
from records.logins import Account, login_of, offices_of
from records.tables import audit, identity
from records.tables import subject as subjects
from serving.settings import ServingSettings

NUMBER = "11010119900307001x"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ServingSettings:
    monkeypatch.setenv("QIANMIAN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("QIANMIAN_TODAY", "2026-11-21")
    monkeypatch.setenv("COLUMNS", "200")
    settings = ServingSettings()
    engine = open_records(settings)
    with writing(engine) as connection:
        connection.execute(insert(subjects), [{"id": id_, "kind": "citizen"} for id_ in ("c1", "c2")])
    engine.dispose()
    return settings


def run(*said: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["people", *said])
    return result.exit_code, result.output


def test_an_official_holds_the_office_until_the_day(settings: ServingSettings) -> None:
    assert run("appoint", "zhang.san", "agent", "--until", "2026-12-31")[0] == 0
    engine = open_records(settings)
    with reading(engine) as connection:
        key = open_secrets(settings)["identity"]
        known = login_of(connection, Account(settings.issuer, "zhang.san"), key)
        assert known is not None
        assert offices_of(connection, known.id, dt.date(2026, 12, 31)) == {"agent"}
        assert offices_of(connection, known.id, dt.date(2027, 1, 1)) == frozenset()
        assert "zhang.san" not in repr(connection.execute(select(audit)).all())
    engine.dispose()
    assert run("appoint", "zhang.san", "king")[0] == 1
    assert run("appoint", "zhang.san", "agent", "--until", "2026-01-01")[0] == 1


def test_documents_are_kept_sealed_and_found_again(settings: ServingSettings, tmp_path: Path) -> None:
    file = tmp_path / "documents.csv"
    file.write_text(f"subject,scheme,number\nc1,resident_id,{NUMBER}\n", encoding="utf-8")
    assert run("documents", str(file))[0] == 0
    engine = open_records(settings)
    with reading(engine) as connection:
        assert subject_with(connection, open_secrets(settings), "resident_id", NUMBER.upper()) == "c1"
        assert NUMBER.upper().encode() not in repr(connection.execute(select(identity)).all()).encode()
    engine.dispose()


def test_one_bad_line_keeps_the_whole_file_out_and_no_number_is_repeated(
    settings: ServingSettings, tmp_path: Path
) -> None:
    file = tmp_path / "documents.csv"
    lines = [
        "subject,scheme,number",
        f"c1,resident_id,{NUMBER}",
        f"c2,resident_id,{NUMBER}",
        "c9,x,1",
        "c2,,1",
    ]
    file.write_text("\n".join(lines), encoding="utf-8")
    code, said = run("documents", str(file))
    assert code == 1
    assert all(f"line {n}" in said for n in (3, 4, 5))
    assert NUMBER not in said
    engine = open_records(settings)
    with reading(engine) as connection:
        assert connection.execute(select(identity)).all() == []
    engine.dispose()
