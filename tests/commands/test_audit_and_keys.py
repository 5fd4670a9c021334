"""`qianmian audit` and `qianmian keys`: the chain is verified, keys change under rows, no key is shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select, text
from typer.testing import CliRunner

import commands.keys
from commands.main import app
from records.audit import AuditEntry, audit_chain
from records.audit_trail import write_down
from records.database import open_records, reading, writing
from records.identities import documents_of, record_identity, subject_with
from records.keys import open_secrets
from records.settings import Settings
from records.tables import identity, subject

AT = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
RUN = CliRunner()


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QIANMIAN_HOME", str(tmp_path / "var"))
    monkeypatch.setenv("COLUMNS", "200")
    return Settings()


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    engine = open_records(settings)
    yield engine
    engine.dispose()


@pytest.fixture
def people(settings: Settings, engine: Engine) -> dict[str, str]:
    """Ten people and the numbers of their documents."""
    numbers = {f"c-{n}": f"11010519491231{n:04}" for n in range(10)}
    secrets = open_secrets(settings)
    with writing(engine) as connection:
        connection.execute(insert(subject), [{"id": each, "kind": "citizen"} for each in numbers])
        for each, number in numbers.items():
            record_identity(connection, secrets, each, "resident_id", number, AT)
    return numbers


def run(*words: str) -> tuple[int, str]:
    done = RUN.invoke(app, list(words))
    return done.exit_code, done.output


def versions(engine: Engine) -> set[int]:
    with reading(engine) as connection:
        return set(connection.execute(select(identity.c.key_version)).scalars())


def assert_all_found(settings: Settings, engine: Engine, people: dict[str, str]) -> None:
    secrets = open_secrets(settings)
    with reading(engine) as connection:
        for each, number in people.items():
            assert subject_with(connection, secrets, "resident_id", number) == each
            assert documents_of(connection, secrets, each) == {"resident_id": number}


def test_no_number_is_readable_in_the_database(settings: Settings, people: dict[str, str]) -> None:
    files = [path for path in settings.home.rglob("*") if path.is_file()]
    assert files
    for path in files:
        content = path.read_bytes()
        assert not any(number.encode() in content for number in people.values()), path


def test_a_rotation_re_keys_every_row_and_the_old_key_can_go(
    settings: Settings, engine: Engine, people: dict[str, str]
) -> None:
    before = open_secrets(settings)
    assert run("keys", "rotate")[0] == 0
    assert versions(engine) == {2}
    assert_all_found(settings, engine, people)
    after = open_secrets(settings)
    assert after["audit"] == before["audit"], "only the identity key changes"
    assert set(after["identity"].versions) == {1, 2}
    assert run("keys", "rotate", "--retire")[0] == 0
    assert set(open_secrets(settings)["identity"].versions) == {2}
    assert_all_found(settings, engine, people)
    assert run("keys", "rotate", "--retire")[0] == 1
    assert run("audit", "verify")[0] == 0


def test_a_rotation_that_was_killed_goes_on_where_it_was(
    settings: Settings, engine: Engine, people: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = commands.keys.rekey, 0

    def killed_after_three(connection: object, key: object, size: int) -> int:
        nonlocal calls
        calls += 1
        if calls > 1:
            raise KeyboardInterrupt
        return real(connection, key, 3)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(commands.keys, "rekey", killed_after_three)
        assert run("keys", "rotate")[0] != 0
    assert versions(engine) == {1, 2}
    assert_all_found(settings, engine, people)
    assert run("keys", "rotate", "--retire")[0] == 1, "rows are under both versions"
    code, said = run("keys", "rotate")
    assert code == 0
    assert "7 rows are still under an older key" in said
    assert versions(engine) == {2}
    assert_all_found(settings, engine, people)


def test_keys_from_the_environment_are_re_keyed_but_not_changed(
    settings: Settings, engine: Engine, people: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QIANMIAN_SECRETS", settings.secrets_path.read_text("utf-8"))
    code, said = run("keys", "rotate")
    assert code == 1
    assert "QIANMIAN_SECRETS" in said


def test_keys_are_shown_by_fingerprint_alone(settings: Settings, people: dict[str, str]) -> None:
    code, said = run("keys", "show")
    assert code == 0
    assert "10" in said
    for line in settings.secrets_path.read_text("utf-8").splitlines():
        if '"' in line and not line.startswith("made_for"):
            assert line.split('"')[1] not in said


def test_keys_for_production_are_made_once(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "keys.toml"
    assert run("keys", "create", str(file))[0] == 0
    made = file.read_bytes()
    assert run("keys", "create", str(file))[0] == 1
    assert file.read_bytes() == made
    open_secrets(Settings(home=settings.home, profile="production", secrets_file=file))


def test_the_first_bad_row_is_named(settings: Settings, engine: Engine, people: dict[str, str]) -> None:
    chain = audit_chain(open_secrets(settings))
    with writing(engine) as connection:
        for n in range(5):
            chain.append(connection, AuditEntry(AT, "agent", "login-1", f"read.{n}", "c-1", "assess"))
    assert run("audit", "verify")[0] == 0
    with writing(engine) as connection:
        connection.execute(text("drop trigger audit_refuses_update"))
        connection.execute(text("update audit set actor = 'nobody' where sequence = 3"))
    code, said = run("audit", "verify")
    assert code == 1
    assert "Row 3" in said


def test_whoever_reads_the_audit_is_in_it(settings: Settings, engine: Engine, people: dict[str, str]) -> None:
    chain = audit_chain(open_secrets(settings))
    with writing(engine) as connection:
        chain.append(connection, AuditEntry(AT, "agent", "login-1", "read", "c-1", "assess"))
        chain.append(connection, AuditEntry(AT, "agent", "login-1", "change", "c-2", "assess"))
    code, said = run("audit", "show", "--subject", "c-1")
    assert code == 0
    assert "audit.shown" in said
    assert "change" not in said
    assert "c-1" not in said
    assert run("audit", "show", "--subject", "c-9")[0] == 1
    assert "change" in run("audit", "show")[1]


def test_an_empty_chain_is_whole(settings: Settings) -> None:
    assert run("audit", "verify")[0] == 0


def test_a_restore_is_said_in_the_chain_and_nothing_else_passes_for_one(
    settings: Settings, engine: Engine, people: dict[str, str]
) -> None:
    chain = audit_chain(open_secrets(settings))

    def deeds(count: int) -> None:
        write_down(
            settings, engine, *(AuditEntry(AT, "agent", "login-1", f"read.{n}", "c-1") for n in range(count))
        )

    deeds(3)
    backup = settings.home / "backup.db"
    with reading(engine) as connection:
        connection.exec_driver_sql("commit")
        connection.exec_driver_sql(f"vacuum into '{backup}'")
    deeds(4)
    engine.dispose()
    for leftover in settings.home.glob("records.db*"):
        leftover.unlink()
    backup.rename(settings.home / "records.db")
    code, said = run("audit", "verify")
    assert code == 1
    assert "rows 4 to 7 were cut off" in said
    assert run("audit", "resume", "--reason", "restored the nightly backup")[0] == 0
    assert run("audit", "verify")[0] == 0
    deeds(5)
    assert run("audit", "verify")[0] == 0
    assert run("audit", "resume", "--reason", "again")[0] == 1
    assert "lost_to=7" in run("audit", "show")[1]
    with settings.audit_heads_path.open("a") as file:
        file.write('{"sequence":1,"hash":"%s","key_version":1,"seal":"x","lost_to":9}\n' % ("0" * 64))
    assert run("audit", "verify")[0] == 1
    assert chain.sealer.current == 1
