"""Pace: what goes, what waits until when, and what goes together, whatever a subject's rows and choices."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.pace import Pace
from records.settings import SHANGHAI
from serving.delivery.pace import LONGEST_DIGEST, Waiting, digest_time, plan, quiet_until, start_of_day

NOON = dt.datetime(2026, 11, 20, 4, tzinfo=dt.UTC)
TIMES = st.times().map(lambda time: time.replace(second=0, microsecond=0))
MOMENTS = st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2027, 12, 31), timezones=st.just(dt.UTC))  # noqa: DTZ001
PACES = st.builds(
    Pace,
    most_a_day=st.integers(1, 5),
    quiet_from=TIMES,
    quiet_until=TIMES,
    digest=st.sampled_from(["none", "daily", "weekly"]),
)


def row(id_: int, **more: Any) -> Waiting:
    plain = {"channel": "email", "template": "reminder", "due_on": None, "created_at": NOON}
    return Waiting(id=id_, **{**plain, **more})


@st.composite
def rows(draw: st.DrawFn, at: dt.datetime) -> list[Waiting]:
    channel = draw(st.sampled_from(["email", "sms", "webhook", "letter"]))
    begun = draw(st.integers(0, 3))
    made = [
        row(
            number,
            channel=channel,
            template=draw(st.sampled_from(["reminder", "invitation", "answer", "code", "campaign"])),
            due_on=draw(st.none() | st.integers(-2, 40).map(lambda n: (at + dt.timedelta(n)).date())),
            created_at=at - dt.timedelta(hours=draw(st.integers(0, 400))),
        )
        for number in range(draw(st.integers(0, 30)))
    ]
    taken = [row(100 + n, channel=channel, message=f"m{n // 2}") for n in range(begun)]
    return [*made, *taken]


@given(st.data(), MOMENTS, PACES, st.integers(0, 8))
def test_the_laws_of_pace(data: st.DataObject, at: dt.datetime, pace: Pace, sent: int) -> None:
    due = data.draw(rows(at))
    by_id = {one.id: one for one in due}
    made = plan(due, pace, at, sent)
    gone = [id_ for group in made.go for id_ in group]

    # Every row goes once or waits, none both, none neither.
    assert sorted([*gone, *made.wait]) == sorted(by_id)
    # What waits is due later, so that it is not looked at again at once.
    assert all(until > at for until in made.wait.values())
    codes = [(one.id,) for one in due if one.template == "code"]
    others = [group for group in made.go if group not in codes]
    # Codes go at any hour, alone.
    assert [group for group in made.go if group in codes] == codes
    # The cap holds, codes apart.
    assert len(others) <= max(pace.most_a_day - sent, 0)
    # Nothing but codes and letters goes in quiet hours, and it waits for their end.
    if quiet_until(pace, at) is not None and any(one.channel != "letter" for one in due):
        assert not others
        assert set(made.wait.values()) <= {quiet_until(pace, at)}
    for group in others:
        assert len(group) <= LONGEST_DIGEST
        members = [by_id[id_] for id_ in group]
        # What was begun together stays together, and with nothing else.
        if members[0].message is not None:
            together = {one.id for one in due if one.message == members[0].message}
            assert set(group) == together
        elif len(group) > 1:
            assert not any(one.is_pressing(at) or one.message for one in members)


@given(MOMENTS, PACES)
def test_quiet_hours_end_when_they_say(at: dt.datetime, pace: Pace) -> None:
    until = quiet_until(pace, at)
    local = at.astimezone(SHANGHAI)
    if until is None:
        assert not pace.is_quiet(local.time())
        return
    assert at < until <= at + dt.timedelta(days=1)
    assert until.astimezone(SHANGHAI).time() == pace.quiet_until
    assert not pace.is_quiet(until.astimezone(SHANGHAI).time())


@pytest.mark.parametrize(
    ("hour", "ends"),
    [(21, None), (22, (21, 8)), (23, (21, 8)), (0, (20, 8)), (7, (20, 8)), (8, None)],
)
def test_nobody_is_woken(hour: int, ends: tuple[int, int] | None) -> None:
    at = dt.datetime(2026, 11, 20, hour, 0, tzinfo=SHANGHAI)
    expected = None if ends is None else dt.datetime(2026, 11, ends[0], ends[1], tzinfo=SHANGHAI)
    assert quiet_until(Pace(), at) == expected


@given(MOMENTS, st.sampled_from(["daily", "weekly"]))
def test_the_digest_comes_at_nine(made: dt.datetime, digest: Any) -> None:
    time = digest_time(made, digest).astimezone(SHANGHAI)
    assert time.time() == dt.time(9)
    assert dt.timedelta(0) <= time - made <= dt.timedelta(days=1 if digest == "daily" else 7)
    assert digest == "daily" or time.isoweekday() == 1


def test_what_is_not_urgent_waits_for_the_digest_and_goes_as_one() -> None:
    pace = Pace(digest="daily")
    before = [row(n, due_on=dt.date(2026, 12, 24)) for n in range(4)]
    evening = NOON + dt.timedelta(hours=6)
    assert plan(before, pace, evening, 0).go == ()
    nine = dt.datetime(2026, 11, 21, 9, tzinfo=SHANGHAI)
    assert set(plan(before, pace, evening, 0).wait.values()) == {nine}
    assert plan(before, pace, nine, 0).go == ((0, 1, 2, 3),)


def test_what_is_due_soon_is_not_kept_for_the_digest() -> None:
    soon = row(1, due_on=dt.date(2026, 11, 23))
    made = plan([soon, row(2)], Pace(digest="weekly"), NOON, 0)
    assert made.go == ((1,),)
    assert set(made.wait) == {2}


def test_more_than_the_cap_allows_goes_together_in_the_last_message() -> None:
    many = [row(n, due_on=dt.date(2026, 12, 1) + dt.timedelta(n)) for n in range(6)]
    assert plan(many, Pace(most_a_day=3), NOON, 0).go == ((0,), (1,), (2, 3, 4, 5))
    assert plan(many, Pace(most_a_day=3), NOON, 2).go == ((0, 1, 2, 3, 4, 5),)


def test_over_the_cap_waits_until_midnight_in_shanghai() -> None:
    made = plan([row(1)], Pace(most_a_day=3), NOON, 3)
    assert made.wait == {1: dt.datetime(2026, 11, 21, tzinfo=SHANGHAI)}
    assert start_of_day(NOON) == dt.datetime(2026, 11, 20, tzinfo=SHANGHAI)


def test_the_most_pressing_goes_first() -> None:
    late = [row(1, due_on=dt.date(2026, 11, 22)), row(2, due_on=dt.date(2026, 11, 20)), row(3)]
    made = plan(late, Pace(most_a_day=1), NOON, 0)
    assert made.go == ((2,),)
    assert set(made.wait) == {1, 3}
