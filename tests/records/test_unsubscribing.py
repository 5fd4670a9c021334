"""One word in a link ends what it came with: it needs no sign-in, names nobody and cannot be made up."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, insert, select

from records.choices import EVERY_THEME, choices_of, choose_reminders
from records.database import writing
from records.tables import contact, outbox, subject
from records.telling import tell
from records.unsubscribing import subscribed, unsubscribe, unsubscribe_word
from tests.records.audits import secrets_for_tests
from tests.records.telling.messages import message

NOON = dt.datetime(2026, 11, 21, 4, 0, tzinfo=dt.UTC)
SECRETS = secrets_for_tests()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with writing(engine) as made:
        made.execute(insert(subject).values(id="c1", kind="citizen"))
        for channel in ("email", "sms"):
            kept = {"ciphertext": b"sealed", "key_version": 1, "verified_at": NOON}
            made.execute(insert(contact).values(subject="c1", channel=channel, **kept))
            choose_reminders(made, "c1", EVERY_THEME, channel, True, NOON)
        choose_reminders(made, "c1", "tax", "email", True, NOON)
        tell(made, [message("k1"), message("k2", topic="tax")], NOON)
        yield made


def push(connection: Connection, topic: str, channel: str) -> int:
    found = select(outbox.c.id).where(outbox.c.topic == topic, outbox.c.channel == channel)
    return int(connection.execute(found).scalar_one())


def waiting(connection: Connection) -> set[tuple[str, str]]:
    rows = select(outbox.c.topic, outbox.c.channel).where(outbox.c.state == "pending")
    return {(topic, channel) for topic, channel in connection.execute(rows)}


def test_a_word_ends_its_topic_by_its_channel_and_nothing_else(connection: Connection) -> None:
    word = unsubscribe_word(SECRETS, push(connection, "health", "email"))
    one = subscribed(connection, SECRETS, word)
    assert one is not None
    assert (one.subject, one.topic, one.channel, one.wanted) == ("c1", "health", "email", True)
    assert unsubscribe(connection, one, NOON) == 1
    assert waiting(connection) == {("health", "sms"), ("tax", "email"), ("tax", "sms")}
    again = subscribed(connection, SECRETS, word)
    assert again is not None
    assert not again.wanted
    assert unsubscribe(connection, again, NOON) == 0


def test_the_word_of_a_digest_ends_the_channel(connection: Connection) -> None:
    word = unsubscribe_word(SECRETS, push(connection, "health", "email"), every_topic=True)
    one = subscribed(connection, SECRETS, word)
    assert one is not None
    assert unsubscribe(connection, one, NOON) == 2
    assert waiting(connection) == {("health", "sms"), ("tax", "sms")}
    assert not choices_of(connection, "c1").wants_any("email")


def test_a_word_names_nobody(connection: Connection) -> None:
    raw = base64.urlsafe_b64decode(unsubscribe_word(SECRETS, push(connection, "health", "email")))
    assert b"c1" not in raw
    assert b"health" not in raw
    assert len(raw) == 27


@given(st.one_of(st.text(max_size=60), st.binary(max_size=40).map(lambda b: base64.b64encode(b).decode())))
def test_no_word_can_be_made_up(word: str) -> None:
    # Nothing is looked up for a word that is not ours, so no database is needed.
    assert subscribed(None, SECRETS, word) is None  # type: ignore[arg-type]


def test_a_changed_word_and_one_of_a_push_that_is_gone_end_nothing(connection: Connection) -> None:
    word = unsubscribe_word(SECRETS, push(connection, "health", "email"))
    raw = bytearray(base64.urlsafe_b64decode(word))
    for place in range(len(raw)):
        changed = bytearray(raw)
        changed[place] ^= 1
        assert subscribed(connection, SECRETS, base64.urlsafe_b64encode(changed).decode()) is None
    connection.execute(outbox.delete())
    assert subscribed(connection, SECRETS, word) is None
