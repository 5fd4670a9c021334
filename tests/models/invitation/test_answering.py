"""An invitation goes from state to state as the table says, and no order of news makes a difference."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from models.invitation.answering import (
    OPEN,
    Accept,
    Answer,
    Answered,
    AnswerRefused,
    Decline,
    Postpone,
    SaysDone,
    Terms,
    aged,
    answered,
    completed,
)

ON = dt.date(2026, 11, 20)
AT = dt.datetime(2026, 11, 20, 2, 0, tzinfo=dt.UTC)
PROPOSED = Answered("proposed")
DAYS = st.integers(-20, 60).map(lambda n: ON + dt.timedelta(days=n))
TERMS = st.builds(Terms, st.none() | DAYS, st.none() | DAYS)
ANSWERS: st.SearchStrategy[Answer] = st.one_of(
    st.builds(Accept, DAYS), st.builds(Postpone, DAYS), st.just(Decline()), st.just(SaysDone(AT))
)


def day(n: int) -> dt.date:
    return ON + dt.timedelta(days=n)


def test_each_answer_has_its_state() -> None:
    terms = Terms(None, day(30))
    assert answered(PROPOSED, terms, Accept(day(5)), ON) == Answered("accepted", agreed_on=day(5))
    assert answered(PROPOSED, terms, Postpone(day(7)), ON) == Answered("postponed", shown_on=day(7))
    assert answered(PROPOSED, terms, Decline(), ON) == Answered("declined")
    assert answered(PROPOSED, terms, SaysDone(AT), ON) == Answered("completed", completed_at=AT)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Accept(day(-1)), "too_early"),
        (Accept(day(2)), "too_early"),
        (Accept(day(31)), "too_late"),
        (Postpone(ON), "too_early"),
        (Postpone(day(31)), "too_late"),
    ],
)
def test_a_day_outside_the_window_is_refused_with_the_bound(answer: Answer, code: str) -> None:
    with pytest.raises(AnswerRefused) as refused:
        answered(PROPOSED, Terms(day(3), day(30)), answer, ON)
    assert refused.value.code == code
    assert refused.value.day in {ON, day(1), day(3), day(30)}


@pytest.mark.parametrize("ended", ["declined", "completed", "expired"])
def test_what_has_ended_takes_no_other_answer(ended: str) -> None:
    was = Answered(ended)  # type: ignore[arg-type]
    with pytest.raises(AnswerRefused) as refused:
        answered(was, Terms(), Accept(day(3)), ON)
    assert refused.value.code == ended


@given(TERMS, st.lists(ANSWERS, max_size=6), DAYS)
def test_the_same_answer_again_changes_nothing(terms: Terms, answers: list[Answer], on: dt.date) -> None:
    state = PROPOSED
    for answer in answers:
        try:
            state = answered(state, terms, answer, on)
        except AnswerRefused:
            continue
        assert answered(state, terms, answer, on) == state


@given(TERMS, ANSWERS, DAYS)
def test_an_agreed_day_lies_within_the_terms_and_not_in_the_past(
    terms: Terms, answer: Answer, on: dt.date
) -> None:
    try:
        state = answered(PROPOSED, terms, answer, on)
    except AnswerRefused:
        return
    for chosen in (state.agreed_on, state.shown_on):
        if chosen is not None:
            assert chosen >= on
            assert terms.valid_to is None or chosen <= terms.valid_to
    if state.agreed_on is not None and terms.opens_on is not None:
        assert state.agreed_on >= terms.opens_on


def test_cases_and_the_end_of_the_term_come_to_the_same_in_any_order() -> None:
    terms, early = Terms(None, day(10)), AT - dt.timedelta(days=2)
    news: tuple[Callable[[Answered], Answered], ...] = (
        lambda state: aged(state, terms, day(11)),
        lambda state: completed(state, "case-2", AT),
        lambda state: completed(state, "case-1", early),
        lambda state: completed(state, "case-1", early),
    )
    for start in (PROPOSED, Answered("accepted", agreed_on=day(4)), Answered("postponed", shown_on=day(4))):
        ends = set()
        for order in permutations(news):
            state = start
            for each in order:
                state = each(state)
            ends.add(state)
        assert len(ends) == 1
        (end,) = ends
        assert (end.status, end.completed_by, end.completed_at) == ("completed", "case-1", early)
        assert end.agreed_on == start.agreed_on


def test_what_was_put_off_comes_back_on_its_day_and_what_is_over_runs_out() -> None:
    off = Answered("postponed", shown_on=day(5))
    assert aged(off, Terms(None, day(30)), day(4)) == off
    assert aged(off, Terms(None, day(30)), day(5)) == PROPOSED
    assert aged(off, Terms(None, day(30)), day(31)).status == "expired"
    assert aged(Answered("declined"), Terms(None, day(1)), day(31)).status == "declined"


class Lives(RuleBasedStateMachine):
    """Any life of an invitation keeps to the table of transitions."""

    def __init__(self) -> None:
        super().__init__()
        self.on, self.terms, self.state = ON, Terms(ON, day(40)), PROPOSED
        self.cased = False

    @rule(answer=ANSWERS)
    def answer(self, answer: Answer) -> None:
        before = self.state
        try:
            self.state = answered(before, self.terms, answer, self.on)
        except AnswerRefused:
            return
        assert before.status in OPEN or self.state == before

    @rule(days=st.integers(0, 12))
    def pass_days(self, days: int) -> None:
        before, self.on = self.state, self.on + dt.timedelta(days=days)
        self.state = aged(before, self.terms, self.on)
        assert before.status in OPEN or self.state == before

    @rule(number=st.integers(1, 3))
    def succeed(self, number: int) -> None:
        self.state = completed(self.state, f"case-{number}", AT + dt.timedelta(hours=number))
        self.cased = True

    @invariant()
    def says_what_it_must(self) -> None:
        state = self.state
        assert (state.agreed_on is not None) >= (state.status == "accepted")
        assert (state.shown_on is not None) == (state.status == "postponed")
        assert (state.completed_at is not None) == (state.status == "completed")
        assert not self.cased or (state.status == "completed" and state.completed_by is not None)


TestLives = Lives.TestCase
