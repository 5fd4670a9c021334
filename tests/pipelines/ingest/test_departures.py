"""A file that says somebody died, was dissolved or moved away ends every series to them at once."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import msgspec
import pytest
from sqlalchemy import Engine, insert, select

from catalog.vocabulary import Names, SubjectKind, ValueType
from commands.catalog import DATA, loaded
from models.recommendation import Reason
from pipelines.ingest import contracts_for, touched
from pipelines.ingest.departing import departure_words
from records.choices import EVERY_THEME, choose_reminders
from records.database import engine_for, reading, writing
from records.inbox import Message
from records.tables import contact, inbox, outbox
from records.telling import tell
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
WHY = Reason("window_open", Names(zh="年报", en="Report"))


@pytest.fixture
def town(either_desk: Desk) -> Desk:
    """A desk whose catalogue has a business register, with its people in."""
    known = either_desk.catalogue
    catalogue = msgspec.structs.replace(known, attributes={**known.attributes, STATUS.name: STATUS})
    desk = replace(either_desk, catalogue=catalogue)
    desk.people()
    return desk


def remind(desk: Desk, *subjects: str) -> None:
    """Give each subject an open message and a push that waits."""
    engine = engine_for(desk.settings.records_url)
    with writing(engine) as connection:
        for who in subjects:
            sealed = {"ciphertext": b"x", "key_version": 1, "verified_at": AT}
            connection.execute(insert(contact).values(subject=who, channel="email", **sealed))
            choose_reminders(connection, who, EVERY_THEME, "email", True, AT)
            told = Message(
                key=f"k-{who}",
                subject=who,
                reason=WHY,
                catalogue_version="v1",
                topic="tax",
                required=True,
                channels=frozenset({"email"}),
                relied_on=(),
            )
            assert tell(connection, [told], AT).pushes == 1
    engine.dispose()


def under_way(desk: Desk) -> tuple[set[str], set[str]]:
    """Who has an open message, and who a push that waits."""
    engine: Engine = engine_for(desk.settings.records_url)
    with reading(engine) as connection:
        open_ = connection.execute(select(inbox.c.subject).where(inbox.c.closed_at.is_(None))).scalars()
        waits = connection.execute(select(outbox.c.subject).where(outbox.c.state == "pending")).scalars()
        found = set(open_), set(waits)
    engine.dispose()
    return found


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


def test_a_later_word_replaces_the_earlier(town: Desk) -> None:
    town.lay("departures.csv", "subject,kind,on", "c0,move_away,2026-02-20")
    town.ingest()
    town.lay("departures.csv", "subject,kind,on", "c0,death,2026-02-27")
    later = AT + dt.timedelta(days=1)
    town.ingest(at=later)
    [known] = town.rows("departure")
    assert (known["kind"], known["on"], known["recorded_at"]) == ("death", dt.date(2026, 2, 27), later)


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


def test_a_departure_is_not_taken_back(town: Desk) -> None:
    """A known limit, as docs/ingest.md says: nothing tells whose word a departure was."""
    head = "scope_item,observed_at,business_status"
    town.lay(f"{REGISTER}.csv", head, "e0,2026-02-20T08:00:00Z,deregistered")
    town.ingest()
    town.lay(f"{REGISTER}.csv", head, "e0,2026-02-24T08:00:00Z,active")
    town.ingest(at=AT + dt.timedelta(days=1))
    assert [row["subject"] for row in town.rows("departure")] == ["e0"]


def test_the_words_of_registers_are_those_of_the_catalogue() -> None:
    catalogue = loaded(DATA)
    contracts = contracts_for(catalogue)
    for word in departure_words():
        [column] = [one for one in contracts[word.table].columns if one.name == word.attribute]
        assert word.value in column.allowed
        assert word.table.split(".")[1] == "self"
