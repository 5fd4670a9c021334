"""Dated near-misses: the first day is the right one, and none is claimed that time alone does not bring."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import HealthCheck, assume, given, settings

from catalog.expression import parse_condition
from catalog.predicate import Predicate
from features.schema import ABSENT, Value
from models.eligibility.near_miss import first_day, turning_days
from models.eligibility.rules import compile_rules
from models.eligibility.subject import hopeful, judge
from tests.models.eligibility.reference_interpreter import verdict
from tests.models.eligibility.worlds import (
    ATTRIBUTES,
    DAYS,
    PARAMETERS,
    PREDICATES,
    REGISTER,
    part_worlds,
    rule,
)

HORIZON = 200


def turns(condition: str, told: dict[str, Value], on: dt.date, until: dt.date) -> dt.date | None:
    compiled = compile_rules([rule("item", parse_condition(condition))], REGISTER, on)
    return first_day(compiled, told, "item", until)


@pytest.mark.parametrize(
    ("born", "condition", "on", "expected"),
    [
        (dt.date(1962, 3, 1), "age >= 65", dt.date(2026, 11, 21), dt.date(2027, 3, 1)),
        (dt.date(2008, 2, 29), "age >= 18", dt.date(2025, 11, 1), dt.date(2026, 2, 28)),
        (dt.date(2008, 2, 29), "age > 19", dt.date(2027, 11, 1), dt.date(2028, 2, 29)),
        (dt.date(2021, 9, 1), "school_age", dt.date(2027, 11, 1), dt.date(2028, 1, 1)),
        (dt.date(1962, 3, 1), "age >= 65 AND age < 65", dt.date(2026, 11, 21), None),
    ],
)
def test_the_day_one_qualifies(born: dt.date, condition: str, on: dt.date, expected: dt.date | None) -> None:
    assert turns(condition, {"birth_date": born}, on, on + dt.timedelta(days=HORIZON)) == expected


def test_the_last_day_of_the_horizon_counts_and_the_day_after_does_not() -> None:
    told: dict[str, Value] = {"birth_date": dt.date(1962, 3, 1)}
    on = dt.date(2026, 11, 21)
    assert turns("age >= 65", told, on, dt.date(2027, 3, 1)) == dt.date(2027, 3, 1)
    assert turns("age >= 65", told, on, dt.date(2027, 2, 28)) is None


def test_months_left_turn_on_the_day_after_the_corresponding_one() -> None:
    told: dict[str, Value] = {"retirement_date": dt.date(2028, 7, 1)}
    on = dt.date(2028, 1, 1)
    assert turns("months_left < 6", told, on, dt.date(2028, 6, 30)) == dt.date(2028, 1, 2)
    assert turns("months_left < 5", told, on, dt.date(2028, 6, 30)) == dt.date(2028, 2, 2)


def test_months_counted_from_the_31st_turn_on_the_last_day_of_short_months() -> None:
    told: dict[str, Value] = {"discharge_date": dt.date(2026, 8, 31)}
    on = dt.date(2026, 9, 1)
    assert turns("months_home >= 1", told, on, dt.date(2027, 3, 30)) == dt.date(2026, 9, 30)
    assert turns("months_home >= 6", told, on, dt.date(2027, 3, 30)) == dt.date(2027, 2, 28)


@pytest.mark.parametrize(
    "told",
    [
        {"birth_date": dt.date(1962, 3, 1), "veteran": False},
        {"birth_date": dt.date(1962, 3, 1)},
        {"veteran": True},
    ],
)
def test_nothing_is_promised_while_something_else_is_wrong_or_unknown(told: dict[str, Value]) -> None:
    on = dt.date(2026, 11, 21)
    assert turns("age >= 65 AND veteran", told, on, on + dt.timedelta(days=HORIZON)) is None


def test_what_need_not_exist_and_does_not_never_comes() -> None:
    on = dt.date(2026, 11, 21)
    assert turns("months_home >= 1", {"discharge_date": ABSENT}, on, dt.date(2027, 5, 1)) is None


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow]
)
@given(PREDICATES, part_worlds(), DAYS)
def test_no_verdict_changes_between_turning_days(
    predicate: Predicate, world: dict[str, Value], on: dt.date
) -> None:
    compiled = compile_rules([rule("item", predicate)], REGISTER, on)
    assume(compiled.completion.timed)
    days = [on + dt.timedelta(days=n) for n in range(HORIZON)]
    verdicts = [verdict(predicate, world, ATTRIBUTES, PARAMETERS, day) for day in days]
    changes = {day for day, old, new in zip(days[1:], verdicts, verdicts[1:], strict=False) if old != new}
    assert changes <= set(turning_days(compiled, world, "item", days[-1]))
    if verdicts[0] == 0:
        expected = next((day for day, each in zip(days, verdicts, strict=True) if each == 2), None)
        assert first_day(compiled, world, "item", days[-1]) == expected
        # A figure of later years is no matter of time alone; whatever else comes is hoped for.
        if expected and dt.date(2026, 7, 1) not in days:
            assert hopeful(compiled, judge(compiled, world)).tolist() == [2]
