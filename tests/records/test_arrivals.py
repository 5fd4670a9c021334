"""Arrivals wait their turn, one worker a subject; what cannot be acted on is kept apart and can come back."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import Engine, insert

from features.schema import Interaction
from records.arrivals import (
    Came,
    arrivals_of,
    claim,
    due_among,
    due_subjects,
    finish,
    finish_received_before,
    note_arrivals,
    put_off,
    waiting,
)
from records.database import reading, writing
from records.dead_letters import bury, dead_letters, replay
from records.durable import writing_durably
from records.interactions import append_interactions
from records.tables import subject

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
LATER = NOON + dt.timedelta(minutes=1)
PEOPLE = ("s1", "s2", "s3")


@pytest.fixture(autouse=True)
def _people(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(insert(subject), [{"id": name, "kind": "citizen"} for name in PEOPLE])


def note(engine: Engine, *came: Came, at: dt.datetime = NOON) -> tuple[int, ...]:
    with writing_durably(engine) as connection:
        return note_arrivals(connection, came, at)


def test_what_came_before_all_were_acted_on_is_gone_and_what_came_since_waits(engine: Engine) -> None:
    note(engine, Came("s1", "register"), Came("s2", "register"))
    note(engine, Came("s1", "interaction", ("i1",)), at=LATER)
    with writing(engine) as connection:
        assert finish_received_before(connection, LATER) == 2
        assert waiting(connection) == (1, LATER)


def test_what_came_waits_in_order_and_is_gone_when_done(engine: Engine) -> None:
    case = Came("s2", "case", ("k1",), frozenset({"cs-passport"}))
    ids = note(engine, case, Came("s1", "register"), Came("s2", "interaction", ("i1", "i2"), frozenset()))
    assert list(ids) == sorted(ids)
    with reading(engine) as connection:
        assert due_subjects(connection, NOON, 9) == ("s2", "s1")
        assert due_subjects(connection, NOON, 1) == ("s2",)
        assert due_among(connection, ids[1:], NOON) == ("s1", "s2")
        found = arrivals_of(connection, ("s1", "s2", "s3"))
        assert found["s2"][0].came == case
        assert [one.id for one in found["s2"]] == [ids[0], ids[2]]
        assert found["s1"][0].came.items is None
        assert waiting(connection) == (3, NOON)
    with writing(engine) as connection:
        assert finish(connection, ids) == 3
        assert finish(connection, ids) == 0
        assert waiting(connection) == (0, None)


def test_an_id_is_never_given_out_twice(engine: Engine) -> None:
    first = note(engine, Came("s1", "register"))
    with writing(engine) as connection:
        finish(connection, first)
    assert note(engine, Came("s1", "register")) > first


def test_a_subject_put_off_waits_with_all_that_comes_meanwhile(engine: Engine) -> None:
    failed = note(engine, Came("s1", "register"), Came("s2", "register"))
    with writing(engine) as connection:
        put_off(connection, failed[:1], LATER)
    fresh = note(engine, Came("s1", "case"))
    with reading(engine) as connection:
        assert due_subjects(connection, NOON, 9) == ("s2",)
        assert due_among(connection, failed, NOON) == ("s2",)
        assert set(due_subjects(connection, LATER, 9)) == {"s1", "s2"}
        assert [one.attempts for one in arrivals_of(connection, ["s1"])["s1"]] == [1, 0]
    assert fresh > failed


@pytest.mark.parametrize("empty_url", ["postgresql"], indirect=True)  # SQLite has one worker
def test_two_workers_never_hold_one_subject_and_intake_goes_on(engine: Engine) -> None:
    with writing(engine) as one, writing(engine) as other:
        assert claim(one, ["s1", "s2"]) == ("s1", "s2")
        assert claim(other, ["s1", "s2", "s3"]) == ("s3",)
        with writing_durably(engine) as sender:
            append_interactions(sender, "s1", [Interaction("i1", "view", NOON)])
            note_arrivals(sender, [Came("s1", "interaction", ("i1",))], NOON)
    with writing(engine) as one:
        assert claim(one, ["s1"]) == ("s1",)


def test_what_is_given_up_is_kept_with_its_reason_and_comes_back_once(engine: Engine) -> None:
    came = Came("s1", "case", ("k1",), frozenset({"cs-passport"}))
    ids = note(engine, came, Came("s2", "register"))
    with writing(engine) as connection:
        bury(connection, arrivals_of(connection, ["s1"])["s1"], "KeyError at models/x.py:3", LATER)
    with reading(engine) as connection:
        (letter,) = dead_letters(connection)
        assert (letter.id, letter.subject, letter.attempts) == (ids[0], "s1", 1)
        assert letter.reason == "KeyError at models/x.py:3"
        assert due_subjects(connection, LATER, 9) == ("s2",)
    for again in (ids[:1], ()):
        with writing(engine) as connection:
            assert replay(connection, None, LATER) == again
    with reading(engine) as connection:
        assert dead_letters(connection) == ()
        (back,) = arrivals_of(connection, ["s1"])["s1"]
        assert (back.came, back.received_at, back.attempts) == (came, NOON, 0)


def test_only_the_letters_named_come_back(engine: Engine) -> None:
    ids = note(engine, Came("s1", "case"), Came("s2", "case"))
    with writing(engine) as connection:
        for name in ("s1", "s2"):
            bury(connection, arrivals_of(connection, [name])[name], "why", LATER)
        assert replay(connection, {ids[1], 999}, LATER) == ids[1:]
        assert [one.subject for one in dead_letters(connection)] == ["s1"]
