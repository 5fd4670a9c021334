"""Profiles behind a breaker: what is known stays known, and nothing is forgotten in silence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st

from catalog.vocabulary import Scope, SubjectKind
from features.breaker import FAILURES, PAUSE, Breaker
from features.guarded import GuardedProfiles, StoreAway

ASKED: Mapping[Scope, Sequence[str]] = {Scope.SELF: ["c-1"]}
KNOWN: dict[str, tuple[dict[str, float], dict[str, object]]] = {"c-1": ({"age": 30.0}, {})}
OLDER: dict[str, tuple[dict[str, float], dict[str, object]]] = {"c-1": ({"age": 29.0}, {})}


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Store:
    """Answers, or is away; counts how often it was asked."""

    def __init__(self, answer: Any) -> None:
        self.answer, self.asked = answer, 0
        self.error: Exception | None = None

    def read(self, kind: SubjectKind, scope_items: Mapping[Scope, Sequence[str]]) -> Any:
        self.asked += 1
        if self.error is not None:
            raise self.error
        return self.answer


class Whole:
    """Whether the store is the one that was filled."""

    def __init__(self) -> None:
        self.whole = True

    def stands(self) -> bool:
        return self.whole


def guarded(
    clock: Callable[[], float], store: Store, copy: Store | None, whole: Whole | None = None
) -> tuple[GuardedProfiles, list[str | None]]:
    told: list[str | None] = []
    made: Any = GuardedProfiles
    return made(store, copy, Breaker(clock), whole, told.append), told


def test_the_store_answers_while_it_can() -> None:
    profiles, told = guarded(Clock(), Store(KNOWN), Store(OLDER), Whole())
    assert profiles.read(SubjectKind.CITIZEN, ASKED) == KNOWN
    assert told == [None]


def test_three_failures_open_the_breaker_and_one_try_closes_it() -> None:
    clock, store, copy = Clock(), Store(KNOWN), Store(OLDER)
    profiles, told = guarded(clock, store, copy)
    store.error = redis.ConnectionError()
    for _ in range(FAILURES + 5):
        assert profiles.read(SubjectKind.CITIZEN, ASKED) == OLDER
    assert store.asked == FAILURES
    assert set(told) == {"online_store_away"}
    store.error = None
    assert profiles.read(SubjectKind.CITIZEN, ASKED) == OLDER
    clock.now += PAUSE
    assert profiles.breaker.state == "half_open"
    assert profiles.read(SubjectKind.CITIZEN, ASKED) == KNOWN
    assert (profiles.breaker.state, told[-1]) == ("closed", None)


def test_a_try_that_fails_opens_it_again() -> None:
    clock, store = Clock(), Store(KNOWN)
    profiles, _ = guarded(clock, store, Store(OLDER))
    store.error = redis.TimeoutError()
    for _ in range(FAILURES):
        profiles.read(SubjectKind.CITIZEN, ASKED)
    clock.now += PAUSE
    profiles.read(SubjectKind.CITIZEN, ASKED)
    assert profiles.breaker.state == "open"
    assert store.asked == FAILURES + 1


def test_what_a_store_forgot_is_not_taken_for_unknown() -> None:
    whole, store = Whole(), Store({})
    whole.whole = False
    profiles, told = guarded(Clock(), store, Store(KNOWN), whole)
    assert profiles.read(SubjectKind.CITIZEN, ASKED) == KNOWN
    assert told == ["online_store_empty"]


def test_without_a_copy_it_is_said_that_nothing_is_known() -> None:
    store = Store(KNOWN)
    store.error = redis.ConnectionError()
    profiles, told = guarded(Clock(), store, None)
    with pytest.raises(StoreAway):
        profiles.read(SubjectKind.CITIZEN, ASKED)
    assert told == ["online_store_away"]


def test_a_fault_of_what_is_held_is_no_fault_of_the_store() -> None:
    store = Store(KNOWN)
    store.error = ValueError("a packet that cannot be read")
    profiles, told = guarded(Clock(), store, Store(OLDER))
    for _ in range(2 * FAILURES):
        with pytest.raises(ValueError, match="packet"):
            profiles.read(SubjectKind.CITIZEN, ASKED)
    assert (profiles.breaker.state, told) == ("closed", [])


@given(st.lists(st.sampled_from(["fails", "answers", "waits"]), max_size=60))
def test_an_open_breaker_admits_one_caller_a_pause(story: list[str]) -> None:
    clock = Clock()
    breaker = Breaker(clock)
    failed = 0
    for happens in story:
        if happens == "waits":
            clock.now += PAUSE
        elif breaker.admits():
            if failed >= FAILURES:
                assert not breaker.admits(), "two callers try a store that is thought to be away"
            if happens == "fails":
                failed += 1
                breaker.failed()
            else:
                failed = 0
                breaker.succeeded()
        assert (breaker.state == "closed") == (failed < FAILURES)
