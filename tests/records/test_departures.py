"""A departure is one source's word: it or an operator takes it back, and nothing begins again by itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, insert, select, text

import records
from records.database import engine_for, migrate, reading, writing
from records.departures import (
    OPERATOR,
    Departure,
    departed_among,
    departures_by,
    departures_of,
    every_departure_of,
    record_departure,
    take_back_departure,
)
from records.inbox import told
from records.partitions import present_subjects
from records.tables import inbox, outbox, scope_item, subject
from records.telling import Telling, tell
from records.touched import touched_since
from tests.pipelines.told import message, remind, under_way

NOON = dt.datetime(2026, 3, 1, 4, tzinfo=dt.UTC)
DAY = NOON.date()
LATER = NOON + dt.timedelta(days=1)
REGISTER = "enterprise.self.market-regulation"


@pytest.fixture
def people(engine: Engine) -> Engine:
    with writing(engine) as connection:
        for who, kind in (("c1", "citizen"), ("c2", "citizen"), ("e1", "enterprise")):
            connection.execute(insert(subject).values(id=who, kind=kind))
            connection.execute(insert(scope_item).values(id=who, scope="self", owner=who))
    return engine


def doing(engine: Engine, *deeds: Callable[[Connection], object]) -> None:
    with writing(engine) as connection:
        for deed in deeds:
            deed(connection)


def noted(who: str, one: Departure) -> Callable[[Connection], object]:
    return lambda connection: record_departure(connection, who, one, NOON)


def back(who: str, source: str) -> Callable[[Connection], object]:
    return lambda connection: take_back_departure(connection, who, source, LATER, LATER)


def test_the_word_of_one_source_is_not_taken_back_by_another(people: Engine) -> None:
    ours, theirs = Departure("dissolution", DAY), Departure("dissolution", DAY, REGISTER)
    doing(people, noted("e1", ours), noted("e1", theirs))
    with writing(people) as connection:
        assert every_departure_of(connection, "e1") == (theirs, ours)
        assert take_back_departure(connection, "e1", "court", LATER, LATER) == 0
        assert take_back_departure(connection, "e1", OPERATOR, LATER, LATER) == 1
        assert departures_of(connection, {"e1"}) == {"e1": theirs}
        assert take_back_departure(connection, "e1", REGISTER, LATER, LATER) == 1
        assert take_back_departure(connection, "e1", REGISTER, LATER, LATER) == 0, "it is back already"
        assert departed_among(connection, ["c1", "e1"]) == set()
        assert departures_by(connection, REGISTER)["taken_back_at"].to_list() == [LATER], (
            "what was said is kept"
        )


def test_a_later_word_of_the_same_source_replaces_its_earlier_one(people: Engine) -> None:
    later = Departure("death", DAY - dt.timedelta(days=3))
    moved = Departure("move_away", DAY - dt.timedelta(days=9), "public-security")
    doing(people, noted("c1", moved), noted("c1", Departure("move_away", DAY)), noted("c1", later))
    with reading(people) as connection:
        assert every_departure_of(connection, "c1") == (later, moved), "deaths first"


def test_what_was_taken_back_may_be_said_again(people: Engine) -> None:
    one = Departure("death", DAY)
    doing(people, noted("c1", one), back("c1", OPERATOR), noted("c1", one))
    with reading(people) as connection:
        assert departures_of(connection, {"c1"}) == {"c1": one}


def test_nothing_that_ended_begins_again_by_itself(people: Engine) -> None:
    remind(people, NOON, "c1", "c2")
    doing(people, noted("c1", Departure("death", DAY)))
    assert under_way(people) == ({"c2"}, {"c2"})
    doing(people, back("c1", OPERATOR))
    assert under_way(people) == ({"c2"}, {"c2"})


def test_what_still_holds_is_told_in_the_inbox_again_and_what_was_cancelled_stays_so(people: Engine) -> None:
    remind(people, NOON, "c1")
    doing(people, noted("c1", Departure("death", DAY)))
    with writing(people) as connection:
        assert connection.execute(select(inbox.c.closed_because)).scalar_one() == "departed"
        assert tell(connection, [message("c1")], LATER) == Telling(), "while they are gone nothing is told"
        take_back_departure(connection, "c1", OPERATOR, LATER, LATER)
        assert tell(connection, [message("c1")], LATER) == Telling(again=1)
        assert [one.message.key for one in told(connection, "c1")] == ["k-c1"]
        assert connection.execute(select(outbox.c.state)).scalars().all() == ["cancelled"]
        assert tell(connection, [message("c1", "new")], LATER) == Telling(new=1, pushes=1)


def test_whoever_is_back_is_scored_again_and_not_judged_by_an_old_file(people: Engine) -> None:
    doing(people, noted("c1", Departure("death", DAY)))
    with reading(people) as connection:
        assert present_subjects(connection, DAY)["id"].to_list() == ["c2", "e1"]
    doing(people, back("c1", OPERATOR))
    with reading(people) as connection:
        assert present_subjects(connection, DAY)["id"].to_list() == ["c1", "c2", "e1"]
        everybody = pl.Series(["c1", "c2", "e1"])
        assert touched_since(connection, everybody, NOON) == {"c1"}


def test_what_was_noted_before_sources_were_kept_stands_until_an_operator_takes_it_back(
    empty_url: str,
) -> None:
    engine = engine_for(empty_url)
    _moved(engine, "0011")
    with writing(engine) as connection:
        connection.execute(text("insert into subject (id, kind) values ('c1', 'citizen')"))
        said = "insert into departure values ('c1', 'death', '2026-03-01', '2026-03-01 04:00:00')"
        connection.execute(text(said))
    migrate(empty_url)
    with writing(engine) as connection:
        assert every_departure_of(connection, "c1") == (Departure("death", DAY, "unknown"),)
        record_departure(connection, "c1", Departure("move_away", DAY - dt.timedelta(days=9)), NOON)
    _moved(engine, "0011", down=True)
    with reading(engine) as connection:
        assert connection.execute(text("select subject, kind from departure")).all() == [("c1", "death")]
    engine.dispose()


def _moved(engine: Engine, revision: str, *, down: bool = False) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(records.__file__).parent / "migrations"))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        (command.downgrade if down else command.upgrade)(config, revision)
