"""Telling reaches whom it may, by the ways they chose, once; what they take back ends what waits."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, insert, select, update

from catalog.vocabulary import Names
from models.recommendation import Reason
from privacy.consent_texts import default_texts
from records.choices import EVERY_THEME, choose_recommendation, choose_reminders
from records.consents import grant, withdraw
from records.contacts import remove_contact
from records.database import reading, writing
from records.departures import Departure, record_departure
from records.inbox import Message, told
from records.reliance import RECOMMENDATION, reliance
from records.subscriptions import Subscription, follow
from records.tables import contact, inbox, outbox, scope_item, subject
from records.telling import NEUTRAL, Telling, channels_wanted, still_wanted, tell, untell
from records.wanted import unfollow

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


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with writing(engine) as made:
        for one in ("c1", "c2"):
            made.execute(insert(subject).values(id=one, kind="citizen"))
            made.execute(insert(scope_item).values(id=one, scope="self", owner=one))
        yield made


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


def test_what_is_told_twice_is_told_once(connection: Connection) -> None:
    reachable(connection, "c1", "email")
    tell(connection, [message(), message()], NOON)
    assert tell(connection, [message()], NOON + DAY) == Telling()
    assert len(pushes(connection)) == 1


def test_told_again_with_another_date_it_says_the_other_date(connection: Connection) -> None:
    reachable(connection, "c1", "email")
    tell(connection, [message(due_on=dt.date(2026, 12, 1))], NOON)
    later = message(due_on=dt.date(2026, 12, 15), expires_at=NOON + 30 * DAY)
    assert tell(connection, [later], NOON + DAY) == Telling(changed=1)
    [one] = pushes(connection)
    assert (one.payload["due_on"], one.expires_at) == ("2026-12-15", NOON + 30 * DAY)
    [kept] = told(connection, "c1")
    assert kept.message.due_on == dt.date(2026, 12, 15)


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


def test_untelling_closes_and_cancels_for_that_subject_alone(connection: Connection) -> None:
    for who in ("c1", "c2"):
        reachable(connection, who, "email")
    tell(connection, [message(), message("k2", "c2")], NOON)
    assert untell(connection, "c1", ["k1", "k2", "k9"], NOON) == 1
    assert {one.subject: one.state for one in pushes(connection)} == {"c1": "cancelled", "c2": "pending"}
    assert [len(told(connection, who)) for who in ("c1", "c2")] == [0, 1]


def test_what_is_true_again_opens_again_and_what_was_sent_is_not_sent_again(connection: Connection) -> None:
    reachable(connection, "c1", "email", "sms")
    tell(connection, [message()], NOON)
    connection.execute(update(outbox).where(outbox.c.channel == "sms").values(state="sent", attempts=1))
    untell(connection, "c1", ["k1"], NOON)
    assert tell(connection, [message()], NOON + DAY) == Telling(again=1, pushes=1)
    assert {one.channel: one.state for one in pushes(connection)} == {"email": "pending", "sms": "sent"}
    untell(connection, "c1", ["k1"], NOON, "done")
    assert tell(connection, [message()], NOON + DAY) == Telling()


def test_two_who_tell_the_same_at_once_tell_it_once(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(insert(subject).values(id="c1", kind="citizen"))
        reachable(connection, "c1", "email")

    def all_of_it(_: int) -> None:
        with writing(engine) as connection:
            tell(connection, [message(f"k{n}") for n in range(700)], NOON)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(all_of_it, range(3)))
    with reading(engine) as connection:
        assert len(pushes(connection)) == len(told(connection, "c1")) == 700


def test_a_choice_made_while_somebody_tells_leaves_nothing_behind(engine: Engine) -> None:
    people = [f"c{n}" for n in range(40)]
    with writing(engine) as connection:
        connection.execute(insert(subject), [{"id": one, "kind": "citizen"} for one in people])
        for one in people:
            reachable(connection, one, "email")

    def say() -> None:
        for one in people:
            with writing(engine) as connection:
                tell(connection, [message(f"{one}-{n}", one) for n in range(5)], NOON)

    def decide_against() -> None:
        for one in people:
            with writing(engine) as connection:
                choose_reminders(connection, one, EVERY_THEME, "email", False, NOON)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(say), pool.submit(decide_against)]:
            done.result()
    with reading(engine) as connection:
        assert not pushes(connection, state="pending")
        assert all(len(told(connection, one)) == 5 for one in people)


def test_a_subject_s_ids_rise_in_the_order_of_commits(engine: Engine) -> None:
    """So that a stream that was told of one id has been told of all before it."""
    with writing(engine) as connection:
        connection.execute(insert(subject).values(id="c1", kind="citizen"))
    seen: list[int] = []
    late: list[int] = []
    stop = Event()

    def look_on() -> None:
        while not stop.is_set():
            with reading(engine) as connection:
                now = [one.id for one in told(connection, "c1")]
            late.extend(id_ for id_ in set(now) - set(seen) if seen and id_ < max(seen))
            seen.extend(sorted(set(now) - set(seen)))

    def say(who: int) -> None:
        for n in range(60):
            with writing(engine) as connection:
                tell(connection, [message(f"{who}-{n}")], NOON)

    with ThreadPoolExecutor(4) as pool:
        looking = pool.submit(look_on)
        list(pool.map(say, range(3)))
        stop.set()
        looking.result()
    assert not late


def test_only_those_who_can_be_reached_and_want_it_are_worth_preparing_for(connection: Connection) -> None:
    reachable(connection, "c1", "email", "sms")
    choose_reminders(connection, "c1", EVERY_THEME, "sms", False, NOON)
    assert channels_wanted(connection, ["c1", "c2"]) == {"c1": frozenset({"email"})}


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
