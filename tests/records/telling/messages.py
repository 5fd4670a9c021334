"""Messages, and people who can be reached by a way or another."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Connection, insert, select

from catalog.vocabulary import Names
from models.recommendation import Reason
from records.choices import EVERY_THEME, choose_reminders
from records.inbox import Message
from records.tables import contact, outbox

NOON = dt.datetime(2026, 11, 21, 4, 0, tzinfo=dt.UTC)


DAY = dt.timedelta(days=1)


ALL = frozenset({"email", "sms", "webhook", "letter"})


HEALTH = "attributes:health"


WHY = Reason("window_open", Names(zh="年满六十岁", en="You have turned sixty"))


def message(key: str = "k1", who: str = "c1", **said: Any) -> Message:
    names = Names(zh="体检", en="Health check")
    given: dict[str, Any] = {"topic": "health", "item": "check", "channels": ALL, "names": names}
    return Message(key=key, subject=who, reason=WHY, catalogue_version="v1", **{**given, **said})


def reachable(connection: Connection, who: str, *channels: str) -> None:
    sealed = {"ciphertext": b"sealed", "key_version": 1, "verified_at": NOON}
    for channel in channels:
        connection.execute(insert(contact).values(subject=who, channel=channel, **sealed))
        choose_reminders(connection, who, EVERY_THEME, channel, True, NOON)  # type: ignore[arg-type]


def pushes(connection: Connection, **where: str) -> list[Any]:
    rows = connection.execute(select(outbox).order_by(outbox.c.id)).all()
    return [row for row in rows if all(row._mapping[name] == value for name, value in where.items())]
