"""The audit chain: entries are kept with the deed, subjects stand behind tokens, and the head is sealed."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from sqlalchemy import Engine, insert, select, update

from records.audit import AuditChain, AuditEntry, audit_chain
from records.audit_heads import AuditBroken
from records.database import reading, writing
from records.tables import audit, subject
from records.tables.audit import audit_head, audit_key, audit_view
from tests.records.audits import secrets_for_tests

NOON = dt.datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=dt.timezone(dt.timedelta(hours=8)))
LOOKED = AuditEntry(NOON, "service_agent", "agent:17", "homepage.read", "c-1", "assess", {"reason": "窗口"})
CHANGED = AuditEntry(NOON, "citizen", "c-1", "consent.granted", "c-1", None, {"target": "interactions"})
PROMOTED = AuditEntry(NOON, "system", "promote", "model.promoted", detail={"model": "affinity", "lift": 1.5})


@pytest.fixture
def chain() -> AuditChain:
    return audit_chain(secrets_for_tests())


@pytest.fixture
def people(engine: Engine) -> Engine:
    with writing(engine) as connection:
        connection.execute(insert(subject), [{"id": f"c-{n}", "kind": "citizen"} for n in range(1, 4)])
    return engine


def test_rows_follow_each_other(people: Engine, chain: AuditChain) -> None:
    with writing(people) as connection:
        assert chain.append(connection, LOOKED, CHANGED) == 2
    with writing(people) as connection:
        assert chain.append(connection, PROMOTED) == 3
        assert chain.append(connection) == 3
    with reading(people) as connection:
        rows = connection.execute(select(audit).order_by(audit.c.sequence)).all()
    assert [row.sequence for row in rows] == [1, 2, 3]
    assert [row.previous_hash for row in rows] == ["0" * 64, rows[0].hash, rows[1].hash]


def test_an_entry_is_kept_with_the_deed_or_not_at_all(people: Engine, chain: AuditChain) -> None:
    with pytest.raises(ZeroDivisionError), writing(people) as connection:
        chain.append(connection, LOOKED)
        raise ZeroDivisionError
    with reading(people) as connection:
        assert connection.execute(select(audit)).all() == []
    with writing(people) as connection:
        assert chain.append(connection, LOOKED) == 1


def test_no_row_holds_a_subjects_id(people: Engine, chain: AuditChain) -> None:
    with writing(people) as connection:
        chain.append(connection, LOOKED, CHANGED)
    with reading(people) as connection:
        rows = connection.execute(select(audit)).all()
        assert not any("c-1" in str(value) for row in rows for value in row)
        assert rows[1].actor == f"subject:{rows[1].subject_token}"
        assert rows[0].actor == "agent:17"


def test_a_detail_that_names_a_subject_is_refused(people: Engine, chain: AuditChain) -> None:
    told = AuditEntry(NOON, "guardian", "c-2", "homepage.read", "c-1", None, {"for": "c-1"})
    with pytest.raises(ValueError, match="names a subject"), writing(people) as connection:
        chain.append(connection, told)


def test_a_subject_sees_who_looked_and_nobody_elses_rows(people: Engine, chain: AuditChain) -> None:
    other = AuditEntry(NOON, "guardian", "c-2", "homepage.read", "c-3")
    with writing(people) as connection:
        chain.append(connection, LOOKED, CHANGED, PROMOTED, other)
    with reading(people) as connection:
        mine = chain.accesses(connection, "c-1", limit=10)
        assert sorted((each.action, each.own) for each in mine) == [
            ("consent.granted", True),
            ("homepage.read", False),
        ]
        assert chain.accesses(connection, "c-2", limit=10) == ()
        assert len(chain.accesses(connection, "c-1", limit=1)) == 1


def test_a_destroyed_key_leaves_rows_that_are_nobodys(people: Engine, chain: AuditChain) -> None:
    with writing(people) as connection:
        chain.append(connection, LOOKED)
        before = connection.execute(select(audit)).all()
        assert chain.forget(connection, "c-1")
        assert not chain.forget(connection, "c-1")
    with reading(people) as connection:
        assert connection.execute(select(audit)).all() == before
        assert chain.accesses(connection, "c-1", limit=10) == ()
    with writing(people) as connection:
        chain.append(connection, LOOKED)
        tokens = connection.execute(select(audit.c.subject_token)).scalars().all()
        assert len(set(tokens)) == 2, "a new key names the subject anew"


def test_what_is_said_of_somebody_after_their_erasure_is_nobody_s_and_stands_alone(
    people: Engine, chain: AuditChain
) -> None:
    with writing(people) as connection:
        chain.append(connection, LOOKED)
        chain.forget(connection, "c-1")
        connection.execute(subject.delete().where(subject.c.id == "c-1"))
    for _ in range(2):
        with writing(people) as connection:
            chain.append(connection, LOOKED, CHANGED)
            chain.append_views(connection, [LOOKED])
    with reading(people) as connection:
        assert connection.execute(select(audit_key)).all() == []
        told = select(audit.c.subject_token).where(audit.c.subject_token.is_not(None))
        tokens = list(connection.execute(told.order_by(audit.c.sequence)).scalars())
        tokens += connection.execute(select(audit_view.c.subject_token)).scalars()
        assert len(set(tokens)) == 1 + 2 + 2, "one before, and one of its own for each later writing"
        assert chain.accesses(connection, "c-1", limit=10) == ()
        rows = connection.execute(select(audit)).all()
        assert not any("c-1" in str(value) for row in rows for value in row)


def test_the_keys_of_tokens_are_not_readable_in_the_database(people: Engine, chain: AuditChain) -> None:
    with writing(people) as connection:
        chain.append(connection, LOOKED)
        connection.execute(update(audit_key).values(subject="c-2"))
    with pytest.raises(ValueError, match="another place"), reading(people) as connection:
        chain.accesses(connection, "c-2", limit=1)


def test_nothing_is_added_to_a_head_somebody_else_wrote(people: Engine, chain: AuditChain) -> None:
    with writing(people) as connection:
        chain.append(connection, LOOKED)
        connection.execute(update(audit_head).values(hash="f" * 64))
    with pytest.raises(AuditBroken, match="seal"), writing(people) as connection:
        chain.append(connection, LOOKED)
    with writing(people) as connection:
        connection.execute(audit_head.delete())
    with pytest.raises(AuditBroken, match="gone"), writing(people) as connection:
        chain.append(connection, LOOKED)


def test_many_who_append_at_once_make_one_chain(people: Engine, chain: AuditChain) -> None:
    def add(number: int) -> None:
        with writing(people) as connection:
            chain.append(connection, LOOKED, AuditEntry(NOON, "system", f"worker:{number}", "tick"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(40)))
    with reading(people) as connection:
        rows = connection.execute(select(audit).order_by(audit.c.sequence)).all()
    assert [row.sequence for row in rows] == list(range(1, 81))
    assert all(one.hash == next.previous_hash for one, next in pairwise(rows))


def test_appending_needs_a_transaction_that_writes(people: Engine, chain: AuditChain) -> None:
    if people.dialect.name == "sqlite":
        with pytest.raises(RuntimeError, match="writing"), reading(people) as connection:
            chain.append(connection, LOOKED)


@pytest.mark.parametrize(
    "detail", [{"a": float("nan")}, {"a": [1]}, {"a": "nul\0"}, {"a\ud800": 1}, {"a": {"b": 1}}]
)
def test_a_detail_a_database_would_change_is_refused(detail: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="audit"):
        AuditEntry(NOON, "system", "s", "a", detail=detail)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="time zone"):
        AuditEntry(NOON.replace(tzinfo=None), "system", "s", "a")


def test_keys_are_not_shown(chain: AuditChain) -> None:
    assert "b'" not in repr(chain)
    assert "\\x" not in repr(chain)
