"""What is called impossible is impossible: no assignment of values ever meets it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.attribute import Attribute
from catalog.expression import parse_condition
from catalog.predicate import And, AttributeRef, Compare, Constant, Not, OneOf, Or, Predicate, Present
from catalog.satisfiability import always_true, unsatisfiable
from catalog.vocabulary import Names, Origin, Scope, Sensitivity, SubjectKind, ValueType
from tests.catalog.random_predicates import BOOLEANS, ENUMS, NUMBERS, WORDS, predicates

NONE = object()


def _attribute(
    name: str, kind: ValueType, allowed: tuple[str, ...] = (), *, optional: bool = False
) -> Attribute:
    return Attribute(
        name=name,
        names=Names(zh=name, en=name),
        subject=SubjectKind.CITIZEN,
        scope=Scope.SELF,
        type=kind,
        authority="公安",
        register="public-security",
        origin=Origin.AUTHORITY,
        sensitivity=Sensitivity.ORDINARY,
        allowed=allowed,
        optional=optional,
    )


REGISTER = {
    each.name: each
    for each in (
        *(_attribute(name, ValueType.NUMBER, optional=True) for name in NUMBERS),
        *(_attribute(name, ValueType.BOOLEAN) for name in BOOLEANS),
        *(_attribute(name, ValueType.ENUM, WORDS) for name in ENUMS),
        _attribute("born", ValueType.DATE, optional=True),
        _attribute("weight", ValueType.NUMBER),
    )
}
figures = st.sampled_from((-5.0, 0.0, 0.5, 1.0, 7.0, 1e6))
people = st.fixed_dictionaries(
    {name: st.one_of(st.just(NONE), figures, st.floats(-1e6, 1e6)) for name in NUMBERS}
    | {name: st.booleans() for name in BOOLEANS}
    | {name: st.sampled_from(WORDS) for name in ENUMS}
    | {"param_line": figures}
)


def holds(predicate: Predicate, person: dict[str, object]) -> bool:  # noqa: PLR0911
    """A plain two-valued reading for somebody of whom everything is known."""
    match predicate:
        case Constant(value):
            return value
        case And(terms):
            return all(holds(term, person) for term in terms)
        case Or(terms):
            return any(holds(term, person) for term in terms)
        case Not(term):
            return not holds(term, person)
        case Present(name):
            return person[name] is not NONE
        case OneOf(name, values):
            return person[name] in values
        case Compare(name, op, value):
            left, right = person[name], person[value.name] if isinstance(value, AttributeRef) else value
            if left is NONE or right is NONE:
                return False
            compared = {"=": left == right, "!=": left != right}
            if op in compared:
                return compared[op]
            assert isinstance(left, float | bool)
            assert isinstance(right, float | bool)
            return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[op]


@given(predicates, people)
def test_nobody_meets_what_is_called_impossible(predicate: Predicate, person: dict[str, object]) -> None:
    if holds(predicate, person):
        assert not unsatisfiable(predicate, REGISTER)
    else:
        assert not always_true(predicate, REGISTER)


@pytest.mark.parametrize(
    "condition",
    [
        "age > 60 AND age < 60",
        "age >= 60 AND age <= 60 AND age != 60",
        "age > 60 AND age <= 60",
        "age < 16 AND (age >= 18 OR age > 70)",
        "hukou = 'BJ' AND hukou != 'BJ'",
        "hukou IN ('BJ', 'other') AND hukou = 'none'",
        "hukou NOT IN ('BJ', 'other', 'none', 'it''s 1')",
        "married AND NOT married",
        "age IS NULL AND age IS NOT NULL",
        "age IS NULL AND age >= 0",
        "born >= '2020-01-01' AND born < '2019-12-31'",
        "FALSE AND married",
    ],
)
def test_contradictions_are_seen(condition: str) -> None:
    assert unsatisfiable(parse_condition(condition), REGISTER)


@pytest.mark.parametrize(
    "condition",
    [
        "age >= 60 AND age <= 60",
        "NOT (age >= 60) AND NOT (age < 60)",  # true of somebody who has no age
        "age >= income AND age < income",  # comparisons of two attributes are not reasoned about
        "hukou = 'BJ' OR hukou != 'BJ'",
        "born >= '2020-01-01' AND born < '2020-01-02'",
    ],
)
def test_what_may_be_met_is_left_alone(condition: str) -> None:
    assert not unsatisfiable(parse_condition(condition), REGISTER)


def test_tautologies_are_seen_where_a_value_always_exists() -> None:
    assert always_true(parse_condition("weight >= 60 OR weight < 60"), REGISTER)
    assert always_true(parse_condition("married OR NOT married"), REGISTER)
    assert not always_true(parse_condition("age >= 60 OR age < 60"), REGISTER)


def test_too_many_ways_are_not_judged() -> None:
    wide = And(tuple(Or((Compare("age", "=", float(n)), Compare("age", "=", n + 0.5))) for n in range(12)))
    assert not unsatisfiable(wide, REGISTER)
