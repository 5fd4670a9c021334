"""Whatever is done to the chain behind our back, verification finds it and names the first bad row."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text

from records.audit import AuditEntry, audit_chain
from records.audit_verification import Verdict, verify
from records.audit_views import OwnViews
from records.database import engine_for, migrate, writing
from tests.records.audits import secrets_for_tests

AT = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
CHAIN = audit_chain(secrets_for_tests())
FORGER = audit_chain(secrets_for_tests(versions=2))
DETAIL = {
    "text": '事由\u2028"\\',
    "whole": 1.0,
    "part": 0.1,
    "huge": 1e22,
    "tiny": 1e-7,
    "no": None,
    "yes": True,
}


@dataclass(frozen=True)
class Kept:
    engine: Engine
    heads: Path

    def verified(self) -> Verdict:
        return verify(self.engine, CHAIN.sealer, self.heads)

    def tamper(self, *statements: str) -> None:
        """Change the tables as somebody would who owns the database."""
        with writing(self.engine) as connection:
            _disarm(connection)
            for statement in statements:
                connection.execute(text(statement))

    def views(self) -> OwnViews:
        return OwnViews(self.engine, CHAIN, self.heads, lambda: AT)


def _disarm(connection: Connection) -> None:
    for table in ("audit", "audit_view"):
        if connection.dialect.name == "sqlite":
            for deed in ("update", "delete"):
                connection.execute(text(f"drop trigger if exists {table}_refuses_{deed}"))
        else:
            connection.execute(text(f"drop trigger if exists {table}_refuses_change on {table}"))


def _fill(kept: Kept) -> Kept:
    """Six rows, the fourth of which seals three views; the head was copied at rows 4 and 6."""
    views = kept.views()
    with writing(kept.engine) as connection:
        for n in range(3):
            looked = AuditEntry(AT, "service_agent", "agent:1", f"read.{n}", "c-1", None, DETAIL)
            CHAIN.append(connection, looked)
    for n in range(3):
        views.note(AuditEntry(AT, "citizen", "c-1", f"page.{n}", "c-1"))
    assert views.seal() == 3
    views.anchor()
    with writing(kept.engine) as connection:
        CHAIN.append(connection, *(AuditEntry(AT, "system", "promote", f"model.{n}") for n in range(2)))
    views.anchor()
    return kept


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a filled chain, to copy."""
    folder = tmp_path_factory.mktemp("audited")
    url = f"sqlite:///{folder / 'records.db'}"
    migrate(url)
    engine = engine_for(url)
    _fill(Kept(engine, folder / "heads.jsonl"))
    engine.dispose()
    return folder


@pytest.fixture
def kept(filled: Path, tmp_path: Path) -> Iterator[Kept]:
    """A copy of the filled chain."""
    shutil.copytree(filled, tmp_path, dirs_exist_ok=True)
    engine = engine_for(f"sqlite:///{tmp_path / 'records.db'}")
    yield Kept(engine, tmp_path / "heads.jsonl")
    engine.dispose()


@pytest.fixture
def kept_on_each(engine: Engine, tmp_path: Path) -> Kept:
    """A filled chain on each database."""
    return _fill(Kept(engine, tmp_path / "heads.jsonl"))


def test_both_databases_verify_and_find_a_change(kept_on_each: Kept) -> None:
    assert kept_on_each.verified() == Verdict(rows=6, views=3, heads=2, breach=None)
    kept_on_each.tamper("update audit set detail = '{}' where sequence = 2")
    breach = kept_on_each.verified().breach
    assert breach is not None
    assert breach.sequence == 2


def test_a_chain_left_alone_is_whole(kept: Kept) -> None:
    assert kept.verified() == Verdict(rows=6, views=3, heads=2, breach=None)


def test_an_empty_chain_is_whole(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'records.db'}"
    migrate(url)
    assert verify(engine_for(url), CHAIN.sealer, tmp_path / "none").breach is None


def test_verification_stays_right_after_the_keys_of_a_subject_are_destroyed(kept: Kept) -> None:
    with writing(kept.engine) as connection:
        CHAIN.forget(connection, "c-1")
    assert kept.verified().breach is None


COLUMNS = {
    "at": "'2026-03-01 00:00:00.000001+00:00'",
    "role": "'operator'",
    "actor": "'nobody'",
    "action": "'other'",
    "subject_token": "null",
    "purpose": "'train'",
    "detail": "'{}'",
    "previous_hash": "'x'",
    "hash": "'x'",
}


@pytest.mark.parametrize("column", COLUMNS)
def test_any_change_of_a_row_is_found(kept: Kept, column: str) -> None:
    kept.tamper(f"update audit set {column} = {COLUMNS[column]} where sequence = 2")  # noqa: S608
    breach = kept.verified().breach
    assert breach is not None
    assert breach.sequence == 2


@pytest.mark.parametrize(
    ("done", "first_bad"),
    [
        ("delete from audit where sequence = 2", 2),
        ("delete from audit where sequence = 1", 1),
        ("delete from audit where sequence = 6", 6),
        ("delete from audit where sequence in (5, 6)", 5),
        ("update audit set sequence = 7 where sequence = 2", 2),
        ("update audit_view set actor = 'x' where position = 1", 4),
        ("delete from audit_view where position = 2", 4),
        ("update audit_view set position = 9 where position = 0", 4),
        ("delete from audit_head", 6),
        ("update audit_head set seal = 'x'", 6),
        ("update audit_head set sequence = 5", 6),
    ],
)
def test_whatever_is_removed_moved_or_cut_off_is_found(kept: Kept, done: str, first_bad: int) -> None:
    kept.tamper(done)
    breach = kept.verified().breach
    assert breach is not None
    assert breach.sequence == first_bad


def test_two_rows_that_changed_places_are_found(kept: Kept) -> None:
    kept.tamper(
        "update audit set sequence = 99 where sequence = 5",
        "update audit set sequence = 5 where sequence = 6",
        "update audit set sequence = 6 where sequence = 99",
    )
    breach = kept.verified().breach
    assert breach is not None
    assert breach.sequence == 5


def test_an_end_cut_off_with_its_old_head_put_back_is_found_by_the_copies(kept: Kept) -> None:
    with kept.engine.connect() as connection:
        old = connection.execute(text("select hash from audit where sequence = 5")).scalar_one()
    head = CHAIN.sealer.head(5, old)  # as a backup of the database would hold it
    kept.tamper(
        "delete from audit where sequence = 6",
        f"update audit_head set sequence = 5, hash = '{head.hash}', seal = '{head.seal}'",  # noqa: S608
    )
    breach = kept.verified().breach
    assert breach is not None
    assert breach.sequence == 6
    assert "cut off" in breach.says


def _rewritten(kept: Kept, forge: Callable[[Connection], None]) -> None:
    kept.tamper(
        "delete from audit_view",
        "delete from audit",
        f"update audit_head set sequence = 0, hash = '{'0' * 64}', key_version = 0, seal = ''",  # noqa: S608
    )
    with writing(kept.engine) as connection:
        forge(connection)


def test_a_chain_computed_anew_without_our_keys_is_found(kept: Kept) -> None:
    innocent = [AuditEntry(AT, "system", "promote", f"model.{n}") for n in range(6)]
    _rewritten(kept, lambda connection: void(FORGER.append(connection, *innocent)))
    breach = kept.verified().breach
    assert breach is not None
    assert breach.sequence == 4, "the first row of which a copy was kept"
    kept.heads.unlink()
    breach = kept.verified().breach
    assert breach is not None
    assert "seal" in breach.says


def test_a_chain_computed_anew_with_our_keys_is_found_by_the_copies(kept: Kept) -> None:
    innocent = [AuditEntry(AT, "system", "promote", f"model.{n}") for n in range(9)]
    _rewritten(kept, lambda connection: void(CHAIN.append(connection, *innocent)))
    breach = kept.verified().breach
    assert breach is not None
    assert breach.sequence == 4


@pytest.mark.parametrize("line", ["nonsense", '{"sequence":3,"hash":"x","key_version":1,"seal":"x"}'])
def test_a_false_copy_is_found(kept: Kept, line: str) -> None:
    with kept.heads.open("a") as file:
        file.write(line + "\n")
    breach = kept.verified().breach
    assert breach is not None
    assert breach.sequence is None


def void(_: object) -> None:
    """For a call made for its effect."""
