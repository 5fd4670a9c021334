"""What cannot be so is unknown and reported, for one subject and for many alike."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.expression import parse_condition
from catalog.predicate import attributes_of
from catalog.vocabulary import Scope, SubjectKind
from features.schema import Value
from models.eligibility.plausibility import Impossibility, believable, known_impossibilities
from models.eligibility.population import PopulationRules
from models.eligibility.rules import Rule, compile_rules
from models.eligibility.subject import judge
from tests.models.eligibility.test_population_laws import table
from tests.models.eligibility.worlds import DAYS, NAMES, REGISTER, part_worlds, rule, rules

ON = dt.date(2026, 11, 21)


def never(name: str, condition: str, *voids: str) -> Impossibility:
    return Impossibility(name, SubjectKind.CITIZEN, Scope.SELF, parse_condition(condition), voids, NAMES)


BORN_LATER = never("born-later", "birth_date > today", "birth_date")
OLD_RECRUIT = never("old-recruit", "age > 200", "birth_date", "veteran")
RICH_AND_INSURED = never("rich", "income >= 1000 AND insured = TRUE", "income", "insured")
ALL = (BORN_LATER, OLD_RECRUIT, RICH_AND_INSURED)


def test_a_birth_date_in_the_future_is_not_believed() -> None:
    compiled = compile_rules([rule("adult", parse_condition("age >= 18"))], REGISTER, ON, ALL)
    judged = judge(compiled, {"birth_date": ON + dt.timedelta(days=1)})
    assert judged.items.tolist() == [1]
    assert judged.contradictions == (BORN_LATER,)
    assert "birth_date" not in judged.told and "age" not in judged.facts


def test_what_contradicts_itself_is_unknown_and_the_rest_is_judged() -> None:
    conditions = ("income > 500", "insured", "insured IS NOT NULL", "veteran = FALSE")
    compiled = compile_rules([rule(text, parse_condition(text)) for text in conditions], REGISTER, ON, ALL)
    judged = judge(compiled, {"income": 2000.0, "insured": True, "veteran": False})
    assert judged.items.tolist() == [1, 1, 1, 2]
    assert judged.contradictions == (RICH_AND_INSURED,)


def test_a_plausible_subject_has_no_contradiction() -> None:
    compiled = compile_rules([rule("any")], REGISTER, ON, ALL)
    assert judge(compiled, {"birth_date": ON, "income": 2000.0}).contradictions == ()


def test_a_condition_that_voiding_cannot_lift_ends_all_the_same() -> None:
    stubborn = never("stubborn", "veteran", "income")
    compiled = compile_rules([rule("rich", parse_condition("income > 0"))], REGISTER, ON, (stubborn,))
    told: dict[str, Value] = {"veteran": True, "income": 5.0}
    assert judge(compiled, told).items.tolist() == [1]
    assert PopulationRules.of_items(compiled).judge(table([told])).matrix().tolist() == [[1]]


@settings(max_examples=100, deadline=None)
@given(rules(), st.lists(part_worlds(), min_size=1, max_size=5), DAYS)
def test_many_are_disbelieved_as_one_is(
    some: tuple[Rule, ...], worlds: list[dict[str, Value]], on: dt.date
) -> None:
    compiled = compile_rules(some, REGISTER, on, ALL)
    verdicts = PopulationRules.of_items(compiled).judge(table(worlds)).matrix()
    for row, world in enumerate(worlds):
        assert verdicts[:, row].tolist() == judge(compiled, world).items.tolist()


@settings(max_examples=100, deadline=None)
@given(rules(), part_worlds(), DAYS)
def test_the_unbelievable_might_as_well_be_untold(
    some: tuple[Rule, ...], world: dict[str, Value], on: dt.date
) -> None:
    compiled = compile_rules(some, REGISTER, on, ALL)
    judged = judge(compiled, world)
    again = judge(compiled, believable(world, judged.contradictions))
    assert again.wires.tolist() == judged.wires.tolist()
    assert again.contradictions == ()


@pytest.mark.parametrize("impossibility", known_impossibilities(), ids=lambda i: i.id)
def test_the_impossibilities_of_the_product_void_what_they_read(impossibility: Impossibility) -> None:

    assert set(impossibility.voids) <= set(attributes_of(impossibility.condition))
    assert impossibility.concerns(
        impossibility.subject, impossibility.scope, attributes_of(impossibility.condition)
    )
