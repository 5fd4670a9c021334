"""Outboxes for tests: subjects with verified addresses, told through the only door there is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, insert, select

from catalog.vocabulary import Names
from models.recommendation import Reason
from records.choices import EVERY_THEME, choose_reminders
from records.contacts import sealed
from records.database import writing
from records.inbox import Message
from records.keys import Secrets
from records.pace import Pace, choose_pace
from records.tables import contact, outbox, subject
from records.tables.vocabulary import ADDRESS_CHANNELS, AddressChannel
from records.telling import message_key, tell

NOON = dt.datetime(2026, 11, 20, 4, 0, tzinfo=dt.UTC)
"""Twelve o'clock in Shanghai, a Friday."""
ADDRESSES: dict[AddressChannel, str] = {
    "email": "{0}@example.cn",
    "sms": "+86138{1:08d}",
    "webhook": "account-{0}",
    "letter": "北京市东城区示例街 {1} 号",
}


def reachable(
    connection: Connection,
    secrets: Secrets,
    names: Sequence[str],
    channels: Iterable[AddressChannel] = ADDRESS_CHANNELS,
    most_a_day: int = 50,
) -> None:
    """Subjects with verified addresses who want everything by these channels, at any hour."""
    connection.execute(insert(subject), [{"id": name, "kind": "citizen"} for name in names])
    key = secrets["identity"]
    for number, name in enumerate(names):
        choose_pace(connection, name, Pace(most_a_day, dt.time(0), dt.time(0)), NOON - dt.timedelta(days=9))
        for channel in channels:
            choose_reminders(connection, name, EVERY_THEME, channel, True, NOON - dt.timedelta(days=9))
            address = ADDRESSES[channel].format(name, number)
            row = {
                "subject": name,
                "channel": channel,
                "ciphertext": sealed(key, address, "contact", "ciphertext", name, channel),
                "key_version": key.current,
                "verified_at": NOON - dt.timedelta(days=9),
            }
            connection.execute(insert(contact).values(row))


def message(name: str, what: str = "换领驾驶证", **more: Any) -> Message:
    """A message worth pushing by every channel."""
    told: dict[str, Any] = {
        "key": message_key(name, what),
        "subject": name,
        "reason": Reason("due", Names(zh="驾驶证快到期了", en="Your driving licence expires soon")),
        "catalogue_version": "v1",
        "names": Names(zh=what, en=f"Renew: {what}"),
        "topic": "交通出行",
        "required": True,
        "channels": frozenset(ADDRESS_CHANNELS),
        "relied_on": (),
    }
    return Message(**{**told, **more})


def put_out(engine: Engine, messages: Sequence[Message], at: dt.datetime = NOON) -> int:
    """Tell them all; how many pushes now wait."""
    with writing(engine) as connection:
        return tell(connection, messages, at).pushes


def states(engine: Engine) -> dict[str, int]:
    """How many rows of the outbox are in each state."""
    with engine.connect() as connection:
        found = connection.execute(select(outbox.c.state)).scalars().all()
    return {state: found.count(state) for state in sorted(set(found))}
