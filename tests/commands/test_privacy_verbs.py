"""What an operator does on subjects' rights at the keyboard, over real records."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select
from typer.testing import CliRunner

from commands.main import app
from commands.privacy import replay_if_restored
from models.standing.working_days import published_calendar
from records.database import open_records, reading, writing
from records.departures import Departure, departures_of, every_departure_of, record_departure
from records.erasure.log import ErasureLog, erasure_tokens
from records.erasure.returned import erased_by
from records.keys import Secrets, VersionedKey, open_secrets
from records.requests import Asked, open_request, requests_of
from records.settings import Settings
from records.tables import arrival, audit, outbox, scope_item
from records.tables import subject as subjects

AT = dt.datetime(2026, 11, 2, 1, tzinfo=dt.UTC)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("QIANMIAN_HOME", str(tmp_path))
    monkeypatch.setenv("QIANMIAN_TODAY", "2026-11-21")
    monkeypatch.setenv("COLUMNS", "200")
    return Settings()


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    opened = open_records(settings)
    with writing(opened) as connection:
        connection.execute(insert(subjects).values(id="c1", kind="citizen"))
        connection.execute(insert(scope_item).values(id="c1", scope="self", owner="c1"))
        row: dict[str, object] = {
            "key": "k",
            "subject": "c1",
            "channel": "sms",
            "topic": "health",
            "payload": {},
        }
        row |= {"state": "pending", "attempts": 0, "created_at": AT, "next_attempt_at": AT}
        connection.execute(insert(outbox).values(**row))
    yield opened
    opened.dispose()


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["privacy", *words])
    return result.exit_code, result.output


def test_requests_are_listed_and_answered_with_a_reason(engine: Engine) -> None:
    with writing(engine) as connection:
        made = open_request(connection, Asked(subject="c1", kind="copy", said="x"), AT, published_calendar())
    code, told = run("requests")
    assert code == 0
    assert made.id in told
    assert run("answer", made.id, "--refused", "--by", "desk-3")[0] == 1, "a refusal says why"
    assert run("answer", made.id, "--refused", "--by", "desk-3", "--reason", "given before")[0] == 0
    assert run("answer", made.id, "--granted", "--by", "desk-3")[0] == 1, "it is answered already"
    with reading(engine) as connection:
        assert requests_of(connection, "c1")[0].reason == "given before"
        assert "request answered" in connection.execute(select(audit.c.action)).scalars().all()


def test_a_death_stops_what_waits(engine: Engine) -> None:
    assert run("depart", "c1", "death", "--by", "civil-affairs")[0] == 0
    with reading(engine) as connection:
        assert connection.execute(select(outbox.c.state)).scalar_one() == "cancelled"
    assert run("depart", "nobody", "death", "--by", "civil-affairs")[0] == 1


def test_a_departure_wrongly_noted_is_taken_back_with_a_reason_and_another_source_keeps_its_word(
    engine: Engine,
) -> None:
    assert run("depart", "c1", "death", "--by", "operator-1")[0] == 0
    with writing(engine) as connection:
        record_departure(connection, "c1", Departure("death", AT.date(), "civil-affairs"), AT)
    why = ("--by", "operator-1", "--reason", "two people of one name")
    assert run("undepart", "c1", "--by", "operator-1")[0] == 2, "it must say why"
    code, told = run("undepart", "c1", *why)
    assert code == 1
    assert "civil-affairs, operator" in told
    assert run("undepart", "c1", *why, "--source", "court")[0] == 1, "a court never said so"
    assert run("undepart", "nobody", *why)[0] == 1
    code, told = run("undepart", "c1", *why, "--source", "operator")
    assert code == 0
    assert "civil-affairs" in told
    with reading(engine) as connection:
        assert [one.source for one in every_departure_of(connection, "c1")] == ["civil-affairs"]
        [detail] = connection.execute(
            select(audit.c.detail).where(audit.c.action == "departure taken back")
        ).scalars()
    assert detail == {"kind": "death", "source": "operator", "reason": "two people of one name"}
    assert run("undepart", "c1", *why)[0] == 0, "one source is left: it need not be named"
    with reading(engine) as connection:
        assert departures_of(connection, {"c1"}) == {}
        assert connection.execute(select(outbox.c.state)).scalar_one() == "cancelled"
        came = connection.execute(select(arrival.c.kind).where(arrival.c.subject == "c1")).scalars().all()
    assert came == ["departure"] * 3, "the worker judges them anew"


def test_records_of_a_backup_are_known_as_such_and_erased_before_anything_is_served(
    engine: Engine, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    replay_if_restored(settings)
    assert capsys.readouterr().out == "", "nobody was ever erased"
    names = erasure_tokens(open_secrets(settings))
    log = ErasureLog(settings.erasure_log_path)
    log.add(AT, [names.of("c1")], done=True)
    log.add(AT, [names.of("c2-who-came-and-went-after-the-backup")], done=True)
    replay_if_restored(settings)
    assert "1 subjects were back" in capsys.readouterr().out
    with reading(engine) as connection:
        assert connection.execute(select(subjects.c.id)).all() == []
    replay_if_restored(settings)
    assert capsys.readouterr().out == "", "the records know now of both erasures"


def test_whoever_was_erased_under_an_older_key_is_known_too(engine: Engine, settings: Settings) -> None:
    ErasureLog(settings.erasure_log_path).add(
        AT, [erasure_tokens(open_secrets(settings)).of("c1")], done=True
    )
    newer = open_secrets(settings)
    key = newer["pseudonym"]
    rotated = VersionedKey(key.current + 1, {**key.versions, key.current + 1: b"n" * 32})
    known = erased_by(
        ErasureLog(settings.erasure_log_path), Secrets({**newer.keys, "pseudonym": rotated}, "development")
    )
    assert known is not None
    assert known.among(["c1", "c2"]) == {"c1"}


def test_whoever_is_in_the_log_and_back_is_erased_again(engine: Engine, settings: Settings) -> None:
    token = erasure_tokens(open_secrets(settings)).of("c1")
    ErasureLog(settings.erasure_log_path).add(AT, [token], done=True)
    code, told = run("replay-erasures", "--by", "operator-1")
    assert code == 0, told
    assert "1 subjects were back" in told
    with reading(engine) as connection:
        assert connection.execute(select(subjects.c.id)).all() == []
