"""Subjects' own views: queued, sealed together, kept through a store that is away, and counted when lost."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError

from records import audit_views
from records.audit import AuditEntry, audit_chain
from records.audit_verification import verify
from records.audit_views import OwnViews
from records.database import engine_for, migrate, reading
from records.tables.audit import audit, audit_view
from tests.records.audits import secrets_for_tests

AT = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
CHAIN = audit_chain(secrets_for_tests())


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Engine]:
    url = f"sqlite:///{tmp_path / 'records.db'}"
    migrate(url)
    engine = engine_for(url)
    yield engine
    engine.dispose()


@pytest.fixture
def heads(tmp_path: Path) -> Path:
    return tmp_path / "heads.jsonl"


def view(n: int) -> AuditEntry:
    return AuditEntry(AT, "citizen", "c-1", f"page.{n}", "c-1")


def actions(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        ordered = select(audit_view.c.action).order_by(audit_view.c.batch, audit_view.c.position)
        return list(connection.execute(ordered).scalars())


def test_views_are_sealed_within_moments(
    records: Engine, heads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_views, "SEAL_EVERY", 0.02)
    views = OwnViews(records, CHAIN, heads, lambda: AT).start()
    views.note(view(1))
    deadline = time.monotonic() + 10
    while not actions(records) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert actions(records) == ["page.1"]
    views.close()


def test_what_waits_at_the_end_is_sealed_and_the_head_copied(records: Engine, heads: Path) -> None:
    views = OwnViews(records, CHAIN, heads, lambda: AT).start()
    for n in range(5):
        views.note(view(n))
    views.close()
    assert actions(records) == [f"page.{n}" for n in range(5)]
    verdict = verify(records, CHAIN.sealer, heads)
    assert (verdict.views, verdict.heads, verdict.breach) == (5, 1, None)


def test_nothing_is_written_where_nothing_was_seen(records: Engine, heads: Path) -> None:
    OwnViews(records, CHAIN, heads, lambda: AT).start().close()
    assert not heads.exists()
    with reading(records) as connection:
        assert connection.execute(select(audit)).all() == []


def test_views_outlast_a_store_that_is_away(
    records: Engine, heads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    views = OwnViews(records, CHAIN, heads, lambda: AT)
    views.note(view(1))

    def away(*_: object) -> None:
        raise OperationalError("insert", {}, Exception("away"))

    with monkeypatch.context() as patch, pytest.raises(OperationalError):
        patch.setattr(type(CHAIN), "append_views", away)
        views.seal()
    views.note(view(2))
    assert views.seal() == 2
    assert actions(records) == ["page.1", "page.2"]


def test_views_beyond_what_may_wait_are_counted_in_the_chain(
    records: Engine, heads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_views, "MOST_WAITING", 3)
    views = OwnViews(records, CHAIN, heads, lambda: AT)
    for n in range(5):
        views.note(view(n))
    views.close()
    with reading(records) as connection:
        rows = connection.execute(select(audit.c.action, audit.c.detail).order_by(audit.c.sequence)).all()
    assert actions(records) == ["page.0", "page.1", "page.2"]
    assert rows[-1] == ("views.lost", {"count": 2})


def test_many_views_are_sealed_in_batches(
    records: Engine, heads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_views, "LARGEST_BATCH", 4)
    views = OwnViews(records, CHAIN, heads, lambda: AT)
    for n in range(10):
        views.note(view(n))
    assert views.seal() == 10
    assert actions(records) == [f"page.{n}" for n in range(10)]
    assert verify(records, CHAIN.sealer, heads).rows == 3
