"""What would settle an undetermined verdict: sound whatever is told, and no smaller set would do."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Mapping, Sequence

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from catalog.expression import parse_condition
from catalog.predicate import Predicate
from features.schema import ABSENT, Value
from models.eligibility.rules import compile_rules
from models.eligibility.settling import settling_sets
from models.eligibility.subject import judge
from tests.models.eligibility.reference_interpreter import verdict
from tests.models.eligibility.worlds import (
    ATTRIBUTES,
    DAYS,
    PARAMETERS,
    PREDICATES,
    REGISTER,
    part_worlds,
    predicates_on,
    rule,
    whole_worlds,
)

ON = dt.date(2026, 11, 21)


def sets(condition: str | Predicate, told: Mapping[str, Value], on: dt.date = ON) -> list[set[str]]:
    predicate = parse_condition(condition) if isinstance(condition, str) else condition
    compiled = compile_rules([rule("item", predicate)], REGISTER, on)
    judged = judge(compiled, told)
    return [set(names) for names in settling_sets(compiled, judged, int(compiled.items[0]))]


def test_what_is_known_is_not_asked_again() -> None:
    assert sets("income < 900 AND veteran AND hukou = 'east'", {"veteran": True}) == [{"hukou", "income"}]


def test_a_derived_attribute_is_asked_for_by_its_source() -> None:
    assert sets("age >= 60", {}) == [{"birth_date"}]
    assert sets("retirement_date < '2030-01-01'", {"birth_date": dt.date(1970, 1, 1)}) == [{"veteran"}]


def test_an_attribute_that_makes_no_difference_is_not_asked() -> None:
    assert sets("(veteran AND income < 5) OR (veteran AND NOT income < 5)", {"income": 3.0}) == [{"veteran"}]
    assert sets("hukou IN ('east','west','south') OR veteran", {}) == [{"hukou"}]


def test_an_unpublished_figure_cannot_be_told() -> None:
    assert sets("income < param_secret", {}) == []


def test_a_street_settles_its_district_only_if_it_always_implies_one() -> None:
    # The yard implies no district, and there need not be a street at all.
    assert sets("district = 'east'", {}) == [{"district"}]


NUMBERS: list[Value] = [-9.0, -3.0, -1.0, 0.0, 0.5, 1.0, 3.0, 6.0, 9.0, 12.0, 15.0, 18.0, 30.0, 59.5]
NUMBERS += [59.9, 60.0, 500.0, 1000.0, 1200.0, 1500.0, 2000.0]
VALUES: dict[str, list[Value]] = {
    "income": NUMBERS,
    "area": [*NUMBERS, ABSENT],
    "veteran": [True, False],
    "insured": [True, False, ABSENT],
    "hukou": ["east", "west", "south"],
}


def answers_to(names: Sequence[str]) -> Iterator[dict[str, Value]]:
    for values in itertools.product(*(VALUES[name] for name in names)):
        yield dict(zip(names, values, strict=True))


@pytest.mark.slow
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(PREDICATES, part_worlds(), whole_worlds(), DAYS)
def test_every_set_settles_whatever_is_told(
    predicate: Predicate, world: dict[str, Value], other: dict[str, Value], on: dt.date
) -> None:
    assume(verdict(predicate, world, ATTRIBUTES, PARAMETERS, on) == 1)
    for names in sets(predicate, world, on):
        answers = {name: other[name] for name in names}
        for name in names:
            if world.get(f"has_{name}") is True and answers[name] is ABSENT:
                answers.pop(name)
        assume(len(answers) == len(names))
        told = {k: v for k, v in world.items() if k.removeprefix("has_") not in names} | answers
        assert verdict(predicate, told, ATTRIBUTES, PARAMETERS, on) != 1


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(predicates_on(*VALUES), part_worlds(), st.data())
def test_no_smaller_set_settles(predicate: Predicate, world: dict[str, Value], data: st.DataObject) -> None:
    world = {name: value for name, value in world.items() if name in VALUES}
    assume(verdict(predicate, world, ATTRIBUTES, PARAMETERS, ON) == 1)
    found = sets(predicate, world)
    dropped = data.draw(st.sampled_from(sorted(found[0])))
    for told in answers_to(sorted(found[0] - {dropped})):
        if verdict(predicate, world | told, ATTRIBUTES, PARAMETERS, ON) == 1:
            return
    raise AssertionError(f"{found} could do without {dropped}")
