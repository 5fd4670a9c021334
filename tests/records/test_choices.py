"""Switches, questions, requests and the end of series, on both databases."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, insert, select

from models.standing.working_days import published_calendar
from privacy.consent import granted
from privacy.consent_texts import ConsentTextError, default_texts, load_texts
from records.choices import (
    EVERY_THEME,
    choices_of,
    choose_recommendation,
    choose_reminders,
    delete_tag,
    restore_tag,
)
from records.consents import consents_of, consents_table, every_consent_of, grant, withdraw
from records.database import writing
from records.departures import Departure, record_departure
from records.questions import REST, answered, ask, may_ask
from records.reliance import reliance
from records.requests import Asked, UnknownRequest, answer_request, disputed, open_request, requests_of
from records.tables import consent, inbox, invitation, outbox, scope_item, subject

NOON = dt.datetime(2026, 11, 21, 4, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture
def connection(engine: Engine) -> Any:
    with writing(engine) as made:
        for one in ("c1", "c2"):
            made.execute(insert(subject).values(id=one, kind="citizen"))
            made.execute(insert(scope_item).values(id=one, scope="self", owner=one))
        yield made


def push(connection: Connection, key: str, **said: Any) -> None:
    row = {
        "key": key,
        "subject": "c1",
        "channel": "sms",
        "topic": "health",
        "payload": {},
        "state": "pending",
    }
    row |= {"attempts": 0, "created_at": NOON, "next_attempt_at": NOON, "relied_on": []} | said
    connection.execute(insert(outbox).values(**row))


def waiting(connection: Connection) -> set[str]:
    rows = connection.execute(select(outbox.c.key).where(outbox.c.state.in_(("pending", "sending"))))
    return set(rows.scalars())


def test_whoever_has_chosen_nothing_has_recommendation_and_the_inbox_alone(connection: Connection) -> None:
    nothing = choices_of(connection, "c1")
    assert nothing.personalised
    assert nothing.wanted("health", "inbox")
    assert not nothing.wanted("health", "sms")


def test_a_theme_s_own_choice_goes_before_that_for_all(connection: Connection) -> None:
    choose_reminders(connection, "c1", EVERY_THEME, "sms", True, NOON)
    choose_reminders(connection, "c1", "health", "sms", False, NOON)
    choose_reminders(connection, "c1", "health", "sms", False, NOON + DAY)
    chosen = choices_of(connection, "c1")
    assert chosen.wanted("tax", "sms")
    assert not chosen.wanted("health", "sms")
    assert choices_of(connection, "c2").reminders == {}


def test_duties_reach_the_inbox_whatever_is_chosen(connection: Connection) -> None:
    choose_recommendation(connection, "c1", False, NOON)
    choose_reminders(connection, "c1", EVERY_THEME, "inbox", False, NOON)
    chosen = choices_of(connection, "c1")
    assert chosen.may_tell("health", "inbox", required=True)
    assert not chosen.may_tell("health", "inbox", required=False)
    assert not chosen.may_tell("health", "sms", required=True)


def test_what_is_switched_off_is_not_sent(connection: Connection) -> None:
    push(connection, "sms-health")
    push(connection, "sms-tax", topic="tax")
    push(connection, "email-health", channel="email")
    push(connection, "on-its-way", state="sending")
    push(connection, "another-s", subject="c2")
    assert choose_reminders(connection, "c1", "health", "sms", False, NOON) == 3, "sms was never wanted"
    assert waiting(connection) == {"email-health", "another-s"}


def test_tags_are_deleted_once_and_restored(connection: Connection) -> None:
    assert delete_tag(connection, "c1", "trait:sex", NOON)
    assert not delete_tag(connection, "c1", "trait:sex", NOON)
    assert choices_of(connection, "c1").deleted_tags == {"trait:sex"}
    assert restore_tag(connection, "c1", "trait:sex")
    assert not restore_tag(connection, "c1", "trait:sex")


def test_a_yes_after_a_no_of_the_same_instant_counts(connection: Connection) -> None:
    for _ in range(3):
        assert grant(connection, "c1", "rank", ["interactions"], "1.1", NOON) == 1
        assert grant(connection, "c1", "rank", ["interactions"], "1.1", NOON) == 0
        assert withdraw(connection, "c1", "rank", ["interactions"], NOON)[0] == 1
    grant(connection, "c1", "rank", ["interactions"], "1.1", NOON)
    assert granted(consents_of(connection, "c1"), "rank", "interactions", NOON + DAY)


def test_a_consent_dated_later_today_is_taken_back_too(connection: Connection) -> None:
    row = {"subject": "c1", "purpose": "rank", "target": "interactions", "text_version": "1.1"}
    connection.execute(insert(consent).values(**row, granted_at=NOON + DAY))
    assert withdraw(connection, "c1", "rank", ["interactions"], NOON)[0] == 1
    assert not granted(consents_of(connection, "c1"), "rank", "interactions", NOON + 2 * DAY)


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["grant", "withdraw", "push"]),
        st.sampled_from(["rank", "remind"]),
        st.sampled_from(["interactions", "attributes:health"]),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(events=EVENTS)
def test_nothing_taken_back_is_left_in_any_push(engine: Engine, events: list[tuple[str, Any, str]]) -> None:
    at = NOON
    with engine.connect() as connection, connection.begin() as transaction:
        if connection.execute(select(subject.c.id).where(subject.c.id == "c9")).first() is None:
            connection.execute(insert(subject).values(id="c9", kind="citizen"))
        open_now: set[str] = set()
        for n, (happened, purpose, target) in enumerate(events):
            at += dt.timedelta(seconds=1)
            if happened == "grant":
                grant(connection, "c9", purpose, [target], "1.1", at)
                open_now.add(reliance(purpose, target))
            elif happened == "withdraw":
                withdraw(connection, "c9", purpose, [target], at)
                open_now.discard(reliance(purpose, target))
            else:
                push(connection, f"k{n}", subject="c9", relied_on=sorted(open_now))
            said = consents_of(connection, "c9")
            assert {
                reliance(p, t)
                for p in ("rank", "remind")
                for t in ("interactions", "attributes:health")
                if granted(said, p, t, at)
            } == open_now
            rested = select(outbox.c.relied_on).where(outbox.c.subject == "c9", outbox.c.state == "pending")
            assert all(set(row) <= open_now for row in connection.execute(rested).scalars())
        transaction.rollback()


def bumped(purpose: str) -> Any:
    """The texts in force with a newer version of one purpose's words."""
    import msgspec

    from privacy.consent_texts import words_hash

    texts = default_texts()
    old = texts.purposes[purpose]  # type: ignore[index]
    newer = msgspec.structs.replace(old, version="2", counts=())
    newer = msgspec.structs.replace(newer, hash=words_hash(newer))
    return msgspec.structs.replace(texts, purposes={**texts.purposes, purpose: newer})


def test_a_yes_to_older_words_counts_no_more_until_given_again(connection: Connection) -> None:
    from catalog.vocabulary import SubjectKind

    for purpose in ("rank", "remind"):
        grant(connection, "c1", purpose, ["interactions"], "1.1", NOON)  # type: ignore[arg-type]
    texts = bumped("rank")
    said = consents_of(connection, "c1", texts)
    assert not granted(said, "rank", "interactions", NOON + DAY)
    assert granted(said, "remind", "interactions", NOON + DAY)
    table = consents_table(connection, SubjectKind.CITIZEN, texts=texts)
    assert table["purpose"].to_list() == ["remind"]
    assert len(every_consent_of(connection, "c1")) == 2
    again = {"subject": "c1", "purpose": "rank", "target": "interactions", "text_version": "2.1"}
    connection.execute(insert(consent).values(**again, granted_at=NOON + DAY))
    assert granted(consents_of(connection, "c1", texts), "rank", "interactions", NOON + 2 * DAY)


def test_words_cannot_change_without_a_version_of_their_own() -> None:
    from importlib import resources

    text = (resources.files("privacy") / "consent_texts.yaml").read_bytes()
    with pytest.raises(ConsentTextError, match=r"purposes\.rank"):
        load_texts(text.replace("用来推测哪些事项".encode(), "用来估计哪些事项".encode()))


def test_the_words_in_force_are_pinned() -> None:
    """Changing them here means that everybody is asked again: give the purpose a new version."""
    pinned = {p: (t.version, t.hash[:8]) for p, t in default_texts().purposes.items()}
    assert {version for version, _ in pinned.values()} == {"1"}
    assert len({digest for _, digest in pinned.values()}) == 5


def test_nobody_is_asked_the_same_twice_in_thirty_days(connection: Connection) -> None:
    question = ("c1", "rank", "health")
    assert ask(connection, question, ("1.1", "hash"), NOON)  # type: ignore[arg-type]
    assert not ask(connection, question, ("1.1", "hash"), NOON + REST - DAY)  # type: ignore[arg-type]
    assert may_ask(connection, ("c1", "rank", "tax"), NOON)
    assert may_ask(connection, ("c2", "rank", "health"), NOON)
    answered(connection, question, False, ("1.1", "hash"), NOON + DAY)  # type: ignore[arg-type]
    assert not may_ask(connection, question, NOON + REST)  # type: ignore[arg-type]
    assert ask(connection, question, ("1.1", "hash"), NOON + DAY + REST)  # type: ignore[arg-type]


def test_a_refusal_says_why(connection: Connection) -> None:
    made = open_request(connection, Asked(subject="c1", kind="copy", said="x"), NOON, published_calendar())
    with pytest.raises(ValueError, match="reason"):
        answer_request(connection, made.id, False, "  ", NOON)
    answer_request(connection, made.id, False, "already given", NOON + DAY)
    assert requests_of(connection, "c1")[0].reason == "already given"
    with pytest.raises(UnknownRequest):
        answer_request(connection, made.id, True, None, NOON)


def test_the_clock_of_a_request_counts_working_days(connection: Connection) -> None:
    before_new_year = dt.datetime(2026, 9, 30, 17, 0, tzinfo=dt.UTC)  # 1 October in Beijing
    made = open_request(
        connection, Asked(subject="c1", kind="copy", said="x"), before_new_year, published_calendar()
    )
    assert (made.due_on - dt.date(2026, 10, 1)).days > 21, "the holidays do not count"


def test_a_dispute_stands_until_it_is_answered(connection: Connection) -> None:
    asked = Asked(subject="c1", kind="correct", said="x", scope_item="c1", attribute="sex", authority="公安")
    made = open_request(connection, asked, NOON, published_calendar())
    assert disputed(connection, "c1") == {("c1", "sex")}
    answer_request(connection, made.id, True, None, NOON)
    assert disputed(connection, "c1") == frozenset()


def test_a_death_ends_every_series_at_once(connection: Connection) -> None:
    push(connection, "waits")
    push(connection, "another-s", subject="c2")
    told = {"key": "m", "subject": "c1", "kind": "reminder", "missing": [], "created_at": NOON}
    words = {"reason_code": "r", "reason_zh": "r", "reason_en": "r", "catalogue_version": "v"}
    connection.execute(insert(inbox).values(**told, **words))
    asked = {"subject": "c1", "scope_item": "c1", "item": "i", "cycle": "once", "status": "accepted"}
    when = {"suggested_on": NOON.date(), "reason_code": "r", "proposed_at": NOON}
    connection.execute(insert(invitation).values(**asked, **when))
    record_departure(connection, "c1", Departure("death", NOON.date()), NOON)
    assert waiting(connection) == {"another-s"}
    assert connection.execute(select(inbox.c.closed_at)).scalar_one() == NOON
    assert connection.execute(select(invitation.c.status)).scalar_one() == "expired"
