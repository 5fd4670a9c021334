"""The inbox tells each thing once, to whom it concerns."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import Engine, insert

from catalog.vocabulary import Names
from models.recommendation import Reason, Standing
from records.database import reading, writing
from records.inbox import Message, mark_read, told
from records.tables import subject
from records.telling import Telling, tell, untell

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
DUE = Message(
    key="s1/first-id-card/once/should_do",
    subject="s1",
    reason=Reason("window_open", Names(zh="已满十六周岁", en="You have turned sixteen")),
    catalogue_version="v1",
    item="first-id-card",
    cycle="once",
    standing=Standing.SHOULD_DO,
    ready=False,
    opens_on=dt.date(2026, 2, 1),
    due_on=dt.date(2026, 5, 1),
    missing=("household-register",),
)


@pytest.fixture(autouse=True)
def _people(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(insert(subject), [{"id": name, "kind": "citizen"} for name in ("s1", "s2")])


def test_a_message_is_told_once_and_comes_back_whole(engine: Engine) -> None:
    with writing(engine) as connection:
        assert tell(connection, [DUE, DUE], NOON).new == 1
        assert tell(connection, [DUE], NOON + dt.timedelta(days=1)) == Telling()
    with reading(engine) as connection:
        [one] = told(connection, "s1")
        assert told(connection, "s2") == ()
        assert told(connection, "s1", after=one.id) == ()
    assert one.message == DUE
    assert (one.created_at, one.read_at, one.closed_at) == (NOON, None, None)


def test_reading_and_closing_are_the_subjects_own(engine: Engine) -> None:
    with writing(engine) as connection:
        tell(connection, [DUE], NOON)
        [one] = told(connection, "s1")
        assert not mark_read(connection, "s2", one.id, NOON)
        assert mark_read(connection, "s1", one.id, NOON)
        assert not mark_read(connection, "s1", one.id, NOON + dt.timedelta(days=1))
        assert untell(connection, "s2", [DUE.key], NOON) == 0
        assert untell(connection, "s1", [DUE.key], NOON, "done") == 1
    with reading(engine) as connection:
        assert told(connection, "s1") == ()
        [ended] = told(connection, "s1", closed=True)
    assert ended.read_at == ended.closed_at == NOON


def test_a_closed_message_is_not_told_again(engine: Engine) -> None:
    with writing(engine) as connection:
        tell(connection, [DUE], NOON)
        untell(connection, "s1", [DUE.key], NOON, "done")
        assert tell(connection, [DUE], NOON) == Telling()
        assert told(connection, "s1") == ()
