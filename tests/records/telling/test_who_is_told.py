"""Telling reaches whom it may, by the ways they chose."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import Connection

from privacy.consent_texts import default_texts
from records.choices import EVERY_THEME, choose_recommendation, choose_reminders
from records.consents import grant, withdraw
from records.departures import Departure, record_departure
from records.inbox import told
from records.reliance import RECOMMENDATION, reliance
from records.subscriptions import Subscription, follow
from records.telling import NEUTRAL, Telling, channels_wanted, still_wanted, tell
from tests.records.telling.messages import DAY, HEALTH, NOON, WHY, message, pushes, reachable


def test_the_inbox_alone_is_told_where_nothing_was_chosen(connection: Connection) -> None:
    assert tell(connection, [message()], NOON) == Telling(new=1)
    assert [one.message.key for one in told(connection, "c1")] == ["k1"]
    assert pushes(connection) == []


def test_a_push_goes_by_each_chosen_channel_with_an_address_and_no_other(connection: Connection) -> None:
    reachable(connection, "c1", "email", "sms")
    choose_reminders(connection, "c1", EVERY_THEME, "letter", True, NOON)
    assert tell(connection, [message(channels=frozenset({"email", "letter"}))], NOON).pushes == 1
    [one] = pushes(connection)
    assert (one.channel, one.topic, one.state, one.attempts) == ("email", "health", "pending", 0)
    assert one.payload["names_en"] == "Health check"
    assert one.payload["link"] == f"/inbox/{one.inbox}"
    assert one.relied_on == [RECOMMENDATION]
    assert "c1" not in str(one.payload), "a push names nobody"


def test_a_duty_reaches_the_inbox_whatever_was_chosen(connection: Connection) -> None:
    choose_recommendation(connection, "c1", False, NOON)
    choose_reminders(connection, "c1", EVERY_THEME, "inbox", False, NOON)
    assert tell(connection, [message("duty", required=True), message("right")], NOON).new == 1
    assert [one.message.key for one in told(connection, "c1")] == ["duty"]


def test_what_is_wanted_by_mail_but_not_in_the_inbox_is_kept_as_a_record_only(connection: Connection) -> None:
    reachable(connection, "c1", "email")
    choose_reminders(connection, "c1", "health", "inbox", False, NOON)
    assert tell(connection, [message()], NOON) == Telling(new=1, pushes=1)
    assert told(connection, "c1") == ()
    [row] = pushes(connection)
    assert still_wanted(connection, row.id, NOON)
    assert tell(connection, [message()], NOON) == Telling()


@pytest.mark.parametrize("asked", [False, True])
def test_what_is_delicate_leaves_only_where_it_was_asked_for_and_says_nothing(
    connection: Connection, asked: bool
) -> None:
    reachable(connection, "c1", "email")
    secret = message(delicate=True, required=True, due_on=dt.date(2026, 12, 1), detail={"clinic": "x"})
    if asked:
        follow(connection, "c1", Subscription("item", "check"), NOON)
    tell(connection, [secret], NOON)
    sent = pushes(connection)
    assert len(sent) == int(asked)
    for one in sent:
        said = one.payload
        assert (said["names_zh"], said["names_en"], said["due_on"]) == (NEUTRAL.zh, NEUTRAL.en, None)
        assert not ({"Health check", "体检", "clinic", WHY.text.zh, "health"} & set(map(str, said.values())))
        assert said["detail"] == {}


def test_what_is_followed_counts_as_asked_for(connection: Connection) -> None:
    reachable(connection, "c1", "email")
    choose_recommendation(connection, "c1", False, NOON)
    assert tell(connection, [message("before")], NOON) == Telling()
    follow(connection, "c1", Subscription("theme", "health"), NOON)
    assert tell(connection, [message("before"), message("after")], NOON) == Telling(new=2, pushes=2)
    assert [one.relied_on for one in pushes(connection)] == [[], []]


def test_nothing_is_told_that_rests_on_a_consent_that_is_gone(connection: Connection) -> None:
    reachable(connection, "c1", "email")
    rests = message(relied_on=(reliance("remind", HEALTH),))
    assert tell(connection, [rests], NOON) == Telling()
    words = default_texts().version("remind", "health")
    grant(connection, "c1", "remind", [HEALTH], words, NOON)
    assert tell(connection, [rests], NOON).pushes == 1
    assert withdraw(connection, "c1", "remind", [HEALTH], NOON + DAY)[1] == 1
    [one] = pushes(connection)
    assert one.state == "cancelled"


def test_a_message_that_does_not_say_what_it_rests_on_rests_on_every_consent(connection: Connection) -> None:
    reachable(connection, "c1", "email")
    words = default_texts().version("remind", "health")
    grant(connection, "c1", "remind", [HEALTH], words, NOON)
    tell(connection, [message(required=True)], NOON)
    assert [one.relied_on for one in pushes(connection)] == [[reliance("remind", HEALTH)]]


def test_what_has_expired_or_concerns_the_departed_is_not_told(connection: Connection) -> None:
    record_departure(connection, "c2", Departure("death", dt.date(2026, 11, 1)), NOON)
    late, gone, nobody = message(expires_at=NOON), message("k2", "c2"), message("k3", "c9")
    assert tell(connection, [late, gone, nobody], NOON) == Telling()


def test_only_those_who_can_be_reached_and_want_it_are_worth_preparing_for(connection: Connection) -> None:
    reachable(connection, "c1", "email", "sms")
    choose_reminders(connection, "c1", EVERY_THEME, "sms", False, NOON)
    assert channels_wanted(connection, ["c1", "c2"]) == {"c1": frozenset({"email"})}
