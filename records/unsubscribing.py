"""One-tap unsubscribe: a signed word in a link, good without signing in, that names nobody.

The word holds the number of the push it came with and whether all topics are meant. Whose push it was, on
which topic and by which channel, only the records know; once they do not, the word ends nothing any more.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hmac
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select

from privacy.pseudonym import keyed_digest
from records.choices import EVERY_THEME, choices_of, choose_reminders
from records.keys import Secrets
from records.tables import outbox
from records.tables.vocabulary import ReminderChannel

_NUMBER: Final = 8
_SIGNED: Final = 18
"""Bytes of the signature: 144 bits."""
_KINDS: Final = {b"\x01": False, b"\x02": True}


@dataclass(frozen=True, slots=True)
class Subscribed:
    """What a word is about: reminders to one subject, on a topic (or all, `*`), by a channel."""

    subject: str
    topic: str
    channel: ReminderChannel
    wanted: bool
    """Whether any of it is still wanted."""
    delicate: bool = False
    """Whether the push it came with was about something delicate, so that its topic is not to be named."""


def unsubscribe_word(secrets: Secrets, push: int, *, every_topic: bool = False) -> str:
    """The word for the links of an outbox row; `every_topic` for one that tells of several (a digest)."""
    key = secrets["session"]
    said = (b"\x02" if every_topic else b"\x01") + push.to_bytes(_NUMBER, "big")
    signed = _signature(key.derived("unsubscribe")[key.current], said)
    return base64.urlsafe_b64encode(said + signed).decode()


def subscribed(connection: Connection, secrets: Secrets, word: str) -> Subscribed | None:
    """What a word is about now; None for a word that is not ours, or whose push is not held any more."""
    read = _read(secrets, word)
    if read is None:
        return None
    push, every_topic = read
    o = outbox.c
    row = connection.execute(select(o.subject, o.topic, o.channel, o.payload).where(o.id == push)).first()
    if row is None:
        return None
    now = choices_of(connection, row.subject)
    wanted = now.wants_any(row.channel) if every_topic else now.wanted(row.topic, row.channel)
    topic, delicate = EVERY_THEME if every_topic else row.topic, bool(row.payload.get("delicate"))
    return Subscribed(row.subject, topic, row.channel, wanted, delicate)


def unsubscribe(connection: Connection, one: Subscribed, at: dt.datetime) -> int:
    """End it, and what of it waits to go out; how many pushes that were. A second time changes nothing."""
    if one.topic != EVERY_THEME:
        return choose_reminders(connection, one.subject, one.topic, one.channel, False, at)
    said = choices_of(connection, one.subject).reminders
    topics = [topic for (topic, channel), wanted in said.items() if wanted and channel == one.channel]
    return sum(
        choose_reminders(connection, one.subject, topic, one.channel, False, at)
        for topic in {EVERY_THEME, *topics}
    )


def _read(secrets: Secrets, word: str) -> tuple[int, bool] | None:
    try:
        raw = base64.urlsafe_b64decode(word.encode("ascii"))
    except (binascii.Error, ValueError):
        return None
    said, signed = raw[: 1 + _NUMBER], raw[1 + _NUMBER :]
    keys = secrets["session"].derived("unsubscribe").values()
    if said[:1] not in _KINDS or not any(hmac.compare_digest(signed, _signature(k, said)) for k in keys):
        return None
    return int.from_bytes(said[1:], "big"), _KINDS[said[:1]]


def _signature(key: bytes, said: bytes) -> bytes:
    return keyed_digest(key, "unsubscribe", said.hex())[:_SIGNED]
