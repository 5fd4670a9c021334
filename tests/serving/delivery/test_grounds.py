"""Many pushes judged at once are judged as each would be alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, update

from records.choices import EVERY_THEME, choose_recommendation, choose_reminders
from records.consents import grant, withdraw
from records.contacts import remove_contact
from records.database import reading, writing
from records.deliveries import due
from records.departures import Departure, record_departure
from records.grounds import destination, destinations, still_wanted, still_wanted_of
from records.keys import Secrets
from records.reliance import reliance
from records.subscriptions import Subscription, follow
from records.tables import inbox, outbox
from records.telling import untell
from records.verification import send_code
from tests.serving.delivery.outboxes import NOON, message, put_out, reachable

TARGETS = ("attributes:ordinary", "attributes:housing")

Deed = Callable[[Connection, str], Any]
DEEDS: tuple[Deed, ...] = (
    lambda connection, name: choose_reminders(connection, name, EVERY_THEME, "email", False, NOON),
    lambda connection, name: choose_reminders(connection, name, "住房", "sms", False, NOON),
    lambda connection, name: choose_recommendation(connection, name, False, NOON),
    lambda connection, name: withdraw(connection, name, "remind", TARGETS[:1], NOON),
    lambda connection, name: remove_contact(connection, name, "sms"),
    lambda connection, name: record_departure(connection, name, Departure("death", NOON.date()), NOON),
    lambda connection, name: untell(connection, name, [message(name, "事 1").key], NOON, "done"),
    lambda connection, name: follow(connection, name, Subscription("item", "item-1"), NOON),
    lambda connection, name: None,
    lambda connection, name: None,
)


@pytest.mark.parametrize("seed", range(4))
def test_at_once_as_one_by_one(engine: Engine, secrets: Secrets, seed: int) -> None:
    random = Random(seed)  # noqa: S311
    names = [f"c{n}" for n in range(25)]
    with writing(engine) as connection:
        reachable(connection, secrets, names)
        for name in names:
            if random.random() < 0.8:
                grant(connection, name, "remind", TARGETS, "1", NOON - dt.timedelta(hours=1))
    told = [
        message(
            name,
            f"事 {n}",
            required=random.random() < 0.4,
            asked=random.random() < 0.3,
            topic=random.choice(["交通出行", "住房"]),
            item=f"item-{n}",
            relied_on=random.choice([(), None, *[(reliance("remind", one),) for one in TARGETS]]),
            delicate=(delicate := random.random() < 0.2),
            template="notice" if delicate else "reminder",
        )
        for name in names
        for n in range(3)
    ]
    put_out(engine, told, NOON - dt.timedelta(minutes=30))
    with writing(engine) as connection:
        for name in names:
            new = f"new-{name}@example.cn"
            send_code(connection, secrets, name, "email", new, NOON - dt.timedelta(minutes=2))
            random.choice(DEEDS)(connection, name)
            if random.random() < 0.2:
                send_code(connection, secrets, name, "email", f"newer-{name}@example.cn", NOON)
        # Whoever took something back would have cancelled the pushes too; what is judged are the grounds.
        connection.execute(update(outbox).values(state="pending"))
        if seed == 3:
            connection.execute(update(inbox).where(inbox.c.id % 5 == 0).values(closed_at=NOON))
    at = NOON + dt.timedelta(minutes=1)
    with writing(engine) as connection:
        rows = [
            row
            for channel in ("email", "sms", "webhook", "letter")
            for row in due(connection, channel, at, 999)
        ]
    with reading(engine) as connection:
        wanted = still_wanted_of(connection, rows, at)
        places = destinations(connection, secrets, rows, at)
        assert {row.id for row in rows if still_wanted(connection, row.id, at)} == wanted
        assert {row.id: destination(connection, secrets, row.id, at) for row in rows} == {
            row.id: places.get(row.id) for row in rows
        }
    assert 20 < len(wanted) < len(rows)
    assert wanted <= set(places)
