"""Whoever holds a subject to write of them is not overtaken by what the subject takes back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import Connection, Engine, insert

from records.choices import choose_recommendation, delete_tag
from records.consents import grant, withdraw
from records.database import reading, writing
from records.departures import Departure, record_departure
from records.subjects import hold_subjects
from records.tables import scope_item, subject
from tests.records.interleaving import Meanwhile

NOON = dt.datetime(2026, 3, 1, 4, tzinfo=dt.UTC)
TAKEN_BACK: dict[str, Callable[[Connection], object]] = {
    "a consent": lambda connection: withdraw(connection, "s1", "rank", ["interactions"], NOON),
    "recommendation": lambda connection: choose_recommendation(connection, "s1", False, NOON),
    "a tag": lambda connection: delete_tag(connection, "s1", "family", NOON),
    "everything, by departing": lambda connection: record_departure(
        connection, "s1", Departure("death", NOON.date()), NOON
    ),
}


@pytest.fixture
def people(engine: Engine) -> Engine:
    with writing(engine) as connection:
        for who in ("s1", "s2"):
            connection.execute(insert(subject).values(id=who, kind="citizen"))
            connection.execute(insert(scope_item).values(id=who, scope="self", owner=who))
        grant(connection, "s1", "rank", ["interactions"], "1", NOON)
    return engine


def test_those_there_are_are_held_and_may_be_held_again(people: Engine) -> None:
    with writing(people) as connection:
        assert hold_subjects(connection, ["s2", "nobody", "s1"]) == {"s1", "s2"}
        assert hold_subjects(connection, ["s1", "s1"]) == {"s1"}
        assert hold_subjects(connection, []) == set()


@pytest.mark.parametrize("empty_url", ["postgresql"], indirect=True)  # SQLite has one writer
@pytest.mark.parametrize("what", TAKEN_BACK)
def test_what_is_taken_back_waits_for_whoever_holds_the_subject(people: Engine, what: str) -> None:
    other = Meanwhile(people, TAKEN_BACK[what])
    with writing(people) as connection:
        hold_subjects(connection, ["s1"])
        assert other.begin(), "it went by while we were writing"
    other.end()
    with writing(people) as connection:
        hold_subjects(connection, ["s1"])
        others = Meanwhile(people, lambda c: withdraw(c, "s2", "rank", ["interactions"], NOON))
        assert not others.begin(), "whoever is not held waits for nobody"
    others.end()
    with reading(people) as connection:
        assert connection.dialect.name == "postgresql"
