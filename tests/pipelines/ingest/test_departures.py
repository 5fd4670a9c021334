"""A file that says somebody died, was dissolved or moved away ends every series to them at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import permutations

import msgspec
import pytest
from sqlalchemy import Engine

from catalog.vocabulary import SubjectKind, ValueType
from commands.catalog import DATA, loaded
from pipelines.ingest import contracts_for, touched
from pipelines.ingest.register_departures import departure_words
from records.database import engine_for, writing
from records.departures import take_back_departure
from tests.pipelines import told
from tests.pipelines.ingest.conftest import AT, Desk
from tests.pipelines.ingest.small_catalogue import attribute

REGISTER = "enterprise.self.market-regulation"
STATUS = attribute(
    "business_status",
    ValueType.ENUM,
    subject=SubjectKind.ENTERPRISE,
    register="market-regulation",
    allowed=("active", "deregistered"),
)


@pytest.fixture
def town(either_desk: Desk) -> Desk:
    """A desk whose catalogue has a business register, with its people in."""
    return with_register(either_desk)


@pytest.fixture
def desk_of_a_register(desk: Desk) -> Desk:
    """The same with the embedded records alone: where it is tried over and over."""
    return with_register(desk)


def with_register(desk: Desk) -> Desk:
    known = desk.catalogue
    catalogue = msgspec.structs.replace(known, attributes={**known.attributes, STATUS.name: STATUS})
    desk = replace(desk, catalogue=catalogue)
    desk.people()
    return desk


def remind(desk: Desk, *subjects: str) -> None:
    """Give each subject an open message and a push that waits."""
    with records_of(desk) as engine:
        told.remind(engine, AT, *subjects)


def under_way(desk: Desk) -> tuple[set[str], set[str]]:
    """Who has an open message, and who a push that waits."""
    with records_of(desk) as engine:
        return told.under_way(engine)


@contextmanager
def records_of(desk: Desk) -> Iterator[Engine]:
    engine = engine_for(desk.settings.records_url)
    yield engine
    engine.dispose()


def standing(desk: Desk) -> list[tuple[str, str]]:
    """Whose departure stands, and by whose word."""
    rows = desk.rows("departure")
    return sorted((row["subject"], row["source"]) for row in rows if row["taken_back_at"] is None)


def arrivals(desk: Desk) -> list[tuple[str, str]]:
    return sorted((row["subject"], row["kind"]) for row in desk.rows("arrival"))


def test_a_table_of_departures_ends_every_series(town: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(touched, "MOST", 0)  # also where it is a whole load
    remind(town, "c0", "c1", "e0")
    town.lay("departures.csv", "subject,kind,on", "c0,death,2026-02-20", "e0,dissolution,2026-03-01")
    report = town.ingest()
    assert report.tables["departures"].accepted == 2
    assert under_way(town) == ({"c1"}, {"c1"})
    assert arrivals(town) == [("c0", "departure"), ("e0", "departure")]
    [dead, _] = town.rows("departure")
    assert (dead["subject"], dead["on"], dead["recorded_at"]) == ("c0", dt.date(2026, 2, 20), AT)
    town.ingest()
    assert len(arrivals(town)) == 2, "what is known already touches nobody"


def test_a_later_word_of_one_day_replaces_the_earlier(town: Desk) -> None:
    town.lay("departures.csv", "subject,kind,on", "c0,move_away,2026-02-20")
    town.ingest()
    town.lay("departures.csv", "subject,kind,on", "c0,death,2026-02-20")
    later = AT + dt.timedelta(days=1)
    town.ingest(at=later)
    [known] = town.rows("departure")
    assert (known["kind"], known["source"], known["recorded_at"]) == ("death", "departures", later)


def test_the_source_that_told_it_takes_it_back_and_no_other(town: Desk) -> None:
    remind(town, "c0", "c1")
    head = "subject,source,on,kind,taken_back_at"
    dead = "c0,civil-affairs,2026-02-20,death,"
    town.lay("departures.csv", head, dead, "c0,public-security,2026-02-20,death,", "c1,,2026-02-20,death,")
    town.ingest()
    town.lay(
        "departures.csv",
        head,
        "c0,public-security,2026-02-20,death,2026-03-01T09:00:00+08:00",
        "c1,departures,2026-02-20,death,2026-03-01T09:00:00+08:00",
    )
    report = town.ingest(at=AT + dt.timedelta(hours=1))
    assert report.tables["departures"].accepted == 2
    assert standing(town) == [("c0", "civil-affairs")]
    assert under_way(town) == (set(), set()), "nothing that was cancelled goes out"
    assert arrivals(town).count(("c1", "departure")) == 2, "whoever is back is judged anew"


def test_no_file_brings_back_what_was_taken_back(town: Desk) -> None:
    wrong = "c0,death,2026-02-20"
    town.lay("departures.csv", "subject,kind,on", wrong)
    town.ingest()
    town.lay("departures.csv", "subject,kind,on,taken_back_at", f"{wrong},2026-03-01T09:00:00+08:00")
    town.ingest()
    town.lay("departures.csv", "subject,kind,on", wrong, "c1,death,2026-02-20")
    [file] = town.ingest().files
    assert (file.accepted, dict(file.reasons)) == (1, {"already_final:taken_back_at": 1})
    assert standing(town) == [("c1", "departures")]
    town.lay("departures.csv", "subject,kind,on", "c0,death,2026-02-28")
    town.ingest()
    assert standing(town) == [("c0", "departures"), ("c1", "departures")], "of another day it is another"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("e0,death,2026-01-01", "only_for:kind"),
        ("c0,dissolution,2026-01-01", "only_for:kind"),
        ("c0,death,2026-03-09", "in_the_future:on"),
        ("c0,death,2026-03-02", "in_the_future:on"),
        ("c0,retirement,2026-01-01", "not_allowed:kind"),
        ("nobody,death,2026-01-01", "unknown_reference:subject"),
    ],
)
def test_what_cannot_be_a_departure_is_turned_away(desk: Desk, line: str, why: str) -> None:
    desk.people()
    desk.lay("departures.csv", "subject,kind,on", line)
    [file] = desk.ingest().files
    assert list(file.reasons) == [why]
    assert desk.rows("departure") == []


def test_the_day_of_ingest_is_that_of_shanghai(desk: Desk) -> None:
    desk.people()
    desk.lay("departures.csv", "subject,kind,on", "c0,death,2026-03-02")
    [file] = desk.ingest(at=dt.datetime(2026, 3, 1, 17, tzinfo=dt.UTC)).files
    assert (file.accepted, dict(file.reasons)) == (1, {})


def test_a_register_that_says_so_is_heard(town: Desk) -> None:
    remind(town, "e0", "c0")
    town.lay(
        f"{REGISTER}.csv", "scope_item,observed_at,business_status", f"e0,{AT:%Y-%m-%d}T08:00:00Z,active"
    )
    town.ingest()
    assert under_way(town)[0] == {"c0", "e0"}
    gone = "e0,2026-02-27T20:00:00Z,deregistered"
    town.lay(f"{REGISTER}.csv", "scope_item,observed_at,business_status", gone)
    town.ingest()
    assert town.rows("departure") == [], "a later statement has taken it back"
    gone = "e0,2026-03-01T09:00:00Z,deregistered"
    town.lay(f"{REGISTER}.csv", "scope_item,observed_at,business_status", gone)
    town.ingest(at=AT + dt.timedelta(days=1))
    [known] = town.rows("departure")
    assert (known["subject"], known["kind"], known["on"]) == ("e0", "dissolution", dt.date(2026, 3, 1))
    assert under_way(town) == ({"c0"}, {"c0"})
    assert ("e0", "departure") in arrivals(town)


def test_statements_of_one_file_are_heard_together(town: Desk) -> None:
    head = "scope_item,observed_at,business_status"
    gone, back = "e0,2026-02-20T08:00:00Z,deregistered", "e0,2026-02-24T08:00:00Z,active"
    town.lay(f"{REGISTER}.csv", head, gone, back)
    town.ingest()
    assert town.rows("departure") == []


HEAD = "scope_item,observed_at,business_status"
GONE, BACK, AGAIN = (
    "e0,2026-02-20T08:00:00Z,deregistered",
    "e0,2026-02-24T08:00:00Z,active",
    "e0,2026-02-26T08:00:00Z,deregistered",
)


def hand_in(desk: Desk, *lines: str, at: dt.datetime = AT) -> None:
    desk.lay(f"{REGISTER}.csv", HEAD, *lines)
    desk.ingest(at=at)


def test_the_register_takes_back_what_it_said(town: Desk) -> None:
    remind(town, "e0")
    town.lay("departures.csv", "subject,kind,on", "e0,dissolution,2026-02-20")
    town.ingest()
    (town.folder / "departures.csv").unlink()
    hand_in(town, GONE)
    hand_in(town, "e0,2026-02-22T08:00:00Z,")
    assert standing(town) == [("e0", "departures"), ("e0", REGISTER)], "an empty cell takes nothing back"
    hand_in(town, BACK, at=AT + dt.timedelta(days=1))
    assert standing(town) == [("e0", "departures")], "what the table said keeps standing"
    assert under_way(town) == (set(), set())
    assert arrivals(town).count(("e0", "departure")) == 3


@pytest.mark.parametrize("order", list(permutations((GONE, BACK, AGAIN))))
def test_the_order_of_files_tells_nothing(desk_of_a_register: Desk, order: tuple[str, ...]) -> None:
    town = desk_of_a_register
    for line in order:
        hand_in(town, line)
    assert standing(town) == [("e0", REGISTER)]
    [on] = [row["on"] for row in town.rows("departure") if row["taken_back_at"] is None]
    assert on == dt.date(2026, 2, 26)


def test_what_an_operator_took_back_is_not_brought_back_by_repeating_it(town: Desk) -> None:
    hand_in(town, GONE)
    with records_of(town) as engine, writing(engine) as connection:
        take_back_departure(connection, "e0", REGISTER, AT, AT)
    hand_in(town, "e0,2026-03-01T08:00:00Z,deregistered", at=AT + dt.timedelta(days=1))
    assert standing(town) == []
    hand_in(town, "e0,2026-03-02T08:00:00Z,active", at=AT + dt.timedelta(days=2))
    hand_in(town, "e0,2026-03-03T08:00:00Z,deregistered", at=AT + dt.timedelta(days=3))
    assert standing(town) == [("e0", REGISTER)], "it said otherwise in between"


def test_the_words_of_registers_are_those_of_the_catalogue() -> None:
    catalogue = loaded(DATA)
    attributes = {(word.table, word.attribute) for word in departure_words()}
    assert len(attributes) == len({table for table, _ in attributes}), "one attribute of a register"
    contracts = contracts_for(catalogue)
    for word in departure_words():
        [column] = [one for one in contracts[word.table].columns if one.name == word.attribute]
        assert word.value in column.allowed
        assert word.table.split(".")[1] == "self"
