"""Whoever is known to be under 18 reads of delicate matters in the inbox; nothing of them leaves it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest
from sqlalchemy import Connection

from records.inbox import told
from records.minors import note_births
from records.subscriptions import Subscription, follow
from records.telling import still_wanted, tell
from tests.records.telling.messages import DAY, NOON, message, pushes, reachable

ASKED: tuple[dict[str, Any], ...] = (
    {"kind": "answer", "template": "answer", "asked": True},
    {"kind": "reminder", "reason": None, "asked": True, "due_on": dt.date(2026, 11, 25)},
    {"followed": True},
    {"followed": True, "required": True},
)
WAYS = ("the hotline's answer", "the day agreed on", "followed", "a duty followed")


def born(connection: Connection, who: str, on: dt.date) -> None:
    births = pl.DataFrame([(who, on)], schema={"subject": pl.String, "born": pl.Date}, orient="row")
    note_births(connection, births, NOON.date())


def put(connection: Connection, how: dict[str, Any], **said: Any) -> None:
    words = {name: value for name, value in how.items() if name != "followed" and value is not None}
    if "followed" in how:
        follow(connection, "c1", Subscription("item", "check"), NOON)
    tell(connection, [message(**{"delicate": True, **words, **said})], NOON)


@pytest.mark.parametrize("how", ASKED, ids=WAYS)
@pytest.mark.parametrize("years", [17, 18], ids=["under 18", "18"])
def test_what_is_delicate_stays_in_the_inbox_of_who_is_under_eighteen(
    connection: Connection, how: dict[str, Any], years: int
) -> None:
    reachable(connection, "c1", "email", "sms")
    born(connection, "c1", NOON.date().replace(year=NOON.year - years))
    put(connection, how)
    assert [one.message.key for one in told(connection, "c1")] == ["k1"]
    assert len(pushes(connection)) == (0 if years < 18 else 2)


@pytest.mark.parametrize("how", ASKED, ids=WAYS)
def test_what_waits_does_not_go_out_once_the_birth_date_is_known(
    connection: Connection, how: dict[str, Any]
) -> None:
    reachable(connection, "c1", "email")
    put(connection, how)
    [push] = pushes(connection)
    assert still_wanted(connection, push.id, NOON)
    born(connection, "c1", dt.date(2008, 11, 22))
    assert not still_wanted(connection, push.id, NOON)
    assert still_wanted(connection, push.id, NOON + DAY), "18 by then"


def test_what_is_not_delicate_reaches_them_as_it_does_anybody(connection: Connection) -> None:
    reachable(connection, "c1", "email")
    born(connection, "c1", dt.date(2011, 1, 1))
    put(connection, {"asked": True}, delicate=False)
    [push] = pushes(connection)
    assert still_wanted(connection, push.id, NOON)


def test_the_day_is_that_of_shanghai(connection: Connection) -> None:
    reachable(connection, "c1", "email")
    put(connection, {"asked": True})
    born(connection, "c1", dt.date(2008, 11, 22))
    [push] = pushes(connection)
    midnight = dt.datetime(2026, 11, 21, 16, tzinfo=dt.UTC)
    assert not still_wanted(connection, push.id, midnight - dt.timedelta(seconds=1))
    assert still_wanted(connection, push.id, midnight)
