"""Laws of judging one subject: equal to the plain reference, and monotone in knowledge."""

from __future__ import annotations

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from features.schema import Value
from models.eligibility.near_miss import verdict_on
from models.eligibility.rules import Rule, compile_rules
from models.eligibility.subject import judge
from tests.models.eligibility.reference_interpreter import verdict
from tests.models.eligibility.worlds import (
    ATTRIBUTES,
    DAYS,
    PARAMETERS,
    REGISTER,
    STORED,
    masked,
    part_worlds,
    rules,
    whole_worlds,
)


@settings(max_examples=400, deadline=None)
@given(rules(), part_worlds(), DAYS)
def test_every_criterion_is_judged_as_the_reference_does(
    some: tuple[Rule, ...], world: dict[str, Value], on: dt.date
) -> None:
    compiled = compile_rules(some, REGISTER, on)
    judged = judge(compiled, world)
    for place, each in enumerate(some):
        expected = [verdict(c.predicate, world, ATTRIBUTES, PARAMETERS, on) for c in each.criteria]
        assert judged.wires[compiled.criteria[place]].tolist() == expected
        assert judged.items[place] == min(expected, default=2)


@settings(max_examples=200, deadline=None)
@given(rules(), part_worlds(), DAYS, DAYS)
def test_another_day_is_judged_as_the_reference_does(
    some: tuple[Rule, ...], world: dict[str, Value], on: dt.date, other: dt.date
) -> None:
    compiled = compile_rules(some, REGISTER, on)
    for each in some:
        expected = [verdict(c.predicate, world, ATTRIBUTES, PARAMETERS, other) for c in each.criteria]
        assert verdict_on(compiled, world, each.item, other) == min(expected, default=2)


@settings(max_examples=400, deadline=None)
@given(rules(), whole_worlds(), st.sets(st.sampled_from(STORED)), st.sets(st.sampled_from(STORED)), DAYS)
def test_learning_a_fact_never_flips_a_decided_verdict(
    some: tuple[Rule, ...], world: dict[str, Value], hidden: set[str], learnt: set[str], on: dt.date
) -> None:
    compiled = compile_rules(some, REGISTER, on)
    before = judge(compiled, masked(world, hidden, set())).wires
    between = judge(compiled, masked(world, hidden, learnt)).wires
    after = judge(compiled, masked(world, hidden - learnt, set())).wires
    for earlier, later in ((before, between), (between, after)):
        decided = earlier != 1
        assert (later[decided] == earlier[decided]).all()
