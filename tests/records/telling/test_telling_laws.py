"""Whatever a subject decides in whatever order: nothing forbidden waits, and nothing goes twice."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select, update

from privacy.consent_texts import default_texts
from records.choices import EVERY_THEME, choose_recommendation, choose_reminders
from records.consents import grant, withdraw
from records.contacts import remove_contact
from records.reliance import reliance
from records.subscriptions import Subscription, follow
from records.tables import contact, inbox, outbox
from records.telling import still_wanted, tell, untell
from records.wanted import unfollow
from tests.records.telling.messages import NOON, message, pushes

KEYS, THEMES, CHANNELS = ("k1", "k2", "k3"), ("health", "tax"), ("email", "sms")


TARGETS = ("attributes:health", "attributes:ordinary")


SPECS = st.fixed_dictionaries(
    {
        "topic": st.sampled_from(THEMES),
        "item": st.sampled_from(["check", "filing"]),
        "required": st.booleans(),
        "asked": st.booleans(),
        "delicate": st.booleans(),
        "channels": st.sets(st.sampled_from(CHANNELS)).map(frozenset),
        "relied_on": st.none() | st.sets(st.sampled_from(TARGETS)).map(sorted),
    }
)


DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("tell"), st.sampled_from(KEYS)),
        st.tuples(st.just("untell"), st.sampled_from(KEYS), st.sampled_from(["untrue", "done"])),
        st.tuples(st.just("send"), st.sampled_from(KEYS)),
        st.tuples(st.just("recommend"), st.booleans()),
        st.tuples(
            st.just("choose"),
            st.sampled_from((*THEMES, EVERY_THEME)),
            st.sampled_from((*CHANNELS, "inbox")),
            st.booleans(),
        ),
        st.tuples(st.just("consent"), st.sampled_from(TARGETS), st.booleans()),
        st.tuples(st.just("address"), st.sampled_from(CHANNELS), st.booleans()),
        st.tuples(
            st.just("follow"),
            st.sampled_from([("item", "check"), ("theme", "health"), ("theme", "tax")]),
            st.booleans(),
        ),
    ),
    max_size=40,
)


@dataclasses.dataclass
class Life:
    """What one subject has decided, in the plainest words, to hold the records against."""

    specs: dict[str, dict[str, Any]]
    personalised: bool = True
    wanted: dict[tuple[str, str], bool] = dataclasses.field(default_factory=dict)
    consents: set[str] = dataclasses.field(default_factory=set)
    addresses: set[str] = dataclasses.field(default_factory=set)
    followed: set[tuple[str, str]] = dataclasses.field(default_factory=set)
    closed: set[str] = dataclasses.field(default_factory=set)
    sent: set[tuple[str, str]] = dataclasses.field(default_factory=set)

    def forbids(self, key: str, channel: str) -> bool:
        one = self.specs[key]
        theme, item = ("theme", one["topic"]), ("item", one["item"])
        asked = one["asked"] or bool({theme, item} & self.followed)
        want = self.wanted.get((one["topic"], channel), self.wanted.get((EVERY_THEME, channel), False))
        held = set(one["relied_on"] or ()) <= self.consents
        free = not one["delicate"] or one["asked"] or item in self.followed
        bidden = one["required"] or asked or self.personalised
        reached = channel in self.addresses and channel in one["channels"]
        return not (want and held and free and bidden and reached) or key in self.closed


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(specs=st.tuples(SPECS, SPECS, SPECS), deeds=DEEDS)
def test_nothing_that_waits_is_ever_forbidden_and_nothing_goes_twice(
    connection: Connection, specs: tuple[dict[str, Any], ...], deeds: list[tuple[Any, ...]]
) -> None:
    life = Life(dict(zip(KEYS, specs, strict=True)))
    with connection.begin_nested() as attempt:
        for step, deed in enumerate(deeds):
            act(connection, life, deed, NOON + step * dt.timedelta(minutes=1))
            check(connection, life, NOON + step * dt.timedelta(minutes=1))
        attempt.rollback()


def act(connection: Connection, life: Life, deed: tuple[Any, ...], at: dt.datetime) -> None:
    match deed:
        case ("tell", key):
            said = dict(life.specs[key])
            if said["relied_on"] is not None:
                said["relied_on"] = tuple(reliance("remind", one) for one in said["relied_on"])
            opened = tell(connection, [message(key, **said)], at)
            if opened.new or opened.again:
                life.closed.discard(key)
        case ("untell", key, because):
            if untell(connection, "c1", [key], at, because):
                life.closed.add(key)
        case ("send", key):
            for row in pushes(connection, state="pending"):
                if row.inbox in ids(connection, key):
                    done = {"state": "sent", "attempts": row.attempts + 1}
                    connection.execute(update(outbox).where(outbox.c.id == row.id).values(done))
                    assert (key, row.channel) not in life.sent, "sent twice"
                    life.sent.add((key, row.channel))
        case _:
            decide(connection, life, deed, at)


def decide(connection: Connection, life: Life, deed: tuple[Any, ...], at: dt.datetime) -> None:
    match deed:
        case ("recommend", yes):
            choose_recommendation(connection, "c1", yes, at)
            life.personalised = yes
        case ("choose", theme, channel, yes):
            choose_reminders(connection, "c1", theme, channel, yes, at)
            life.wanted[theme, channel] = yes
        case ("consent", target, True):
            words = default_texts().version("remind", target.partition(":")[2])
            grant(connection, "c1", "remind", [target], words, at)
            life.consents.add(target)
        case ("consent", target, False):
            withdraw(connection, "c1", "remind", [target], at)
            life.consents.discard(target)
        case ("address", channel, True):
            if channel not in life.addresses:
                sealed = {"ciphertext": b"sealed", "key_version": 1, "verified_at": at}
                connection.execute(insert(contact).values(subject="c1", channel=channel, **sealed))
            life.addresses.add(channel)
        case ("address", channel, False):
            remove_contact(connection, "c1", channel)
            life.addresses.discard(channel)
        case ("follow", (kind, target), True):
            follow(connection, "c1", Subscription(kind, target), at)
            life.followed.add((kind, target))
        case ("follow", (kind, target), False):
            unfollow(connection, "c1", kind, target, at)
            life.followed.discard((kind, target))


def ids(connection: Connection, key: str) -> set[int]:
    return set(connection.execute(select(inbox.c.id).where(inbox.c.key == key)).scalars())


def check(connection: Connection, life: Life, at: dt.datetime) -> None:
    keys = {row.id: row.key for row in connection.execute(select(inbox.c.id, inbox.c.key))}
    rows = pushes(connection)
    assert len({(keys[row.inbox], row.channel) for row in rows}) == len(rows), "two pushes of one message"
    for row in rows:
        told_of = (keys[row.inbox], row.channel)
        if row.state == "pending":
            assert told_of not in life.sent
            assert not life.forbids(*told_of), told_of
            assert still_wanted(connection, row.id, at)
