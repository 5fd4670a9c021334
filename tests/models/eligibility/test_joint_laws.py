"""Judging a subject with all its scope items at once decides nothing else than judging each alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.expression import parse_condition
from catalog.vocabulary import Scope
from features.schema import Value
from models.eligibility.atoms import words_of
from models.eligibility.joint import join_rules
from models.eligibility.rules import Register, Rule, RuleSet, compile_rules
from models.eligibility.subject import judge
from tests.models.eligibility.test_plausibility import ALL
from tests.models.eligibility.worlds import (
    ATTRIBUTES,
    DAYS,
    DISTRICTS,
    PARAMETERS,
    REGISTER,
    STREETS,
    part_worlds,
    rule,
    rules,
)

OWN = {"income", "area", "street", "district", "discharge_date", "months_home"}
"""What a child has of its own in these tests; the rest it has from its parent."""
CHILD = Register(
    {
        name: msgspec.structs.replace(a, scope=Scope.CHILD) if name in OWN else a
        for name, a in ATTRIBUTES.items()
    },
    PARAMETERS,
)


def compiled(
    some: tuple[Rule, ...], register: Register, on: dt.date, everything: tuple[Rule, ...]
) -> RuleSet:
    words = words_of(criterion.predicate for each in everything for criterion in each.criteria)
    return compile_rules(some, register, on, ALL, sorted({*words, *DISTRICTS, *STREETS}))


def own(world: Mapping[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in world.items() if name.removeprefix("has_") in OWN}


@settings(max_examples=150, deadline=None)
@given(rules(), rules(), st.lists(part_worlds(), min_size=1, max_size=4), DAYS)
def test_together_as_alone(
    parents: tuple[Rule, ...], childrens: tuple[Rule, ...], worlds: list[dict[str, Value]], on: dt.date
) -> None:
    everything = (*parents, *childrens)
    first = compiled(parents, REGISTER, on, everything)
    others = compiled(childrens, CHILD, on, everything)
    parent = {name: value for name, value in worlds[0].items() if name.removeprefix("has_") not in OWN}
    children = [own(world) for world in worlds[1:]]
    together = join_rules([first, *[others for _ in children]]).judge([parent, *children])
    alone = [judge(first, parent), *(judge(others, {**parent, **child}) for child in children)]
    for one, other in zip(together, alone, strict=True):
        assert one.wires.tolist() == other.wires.tolist()
        assert one.items.tolist() == other.items.tolist()
        assert one.contradictions == other.contradictions


def test_only_what_was_compiled_alike_can_be_joined() -> None:
    on = dt.date(2026, 11, 21)
    one = compile_rules([rule("a", parse_condition("hukou = 'east'"))], REGISTER, on)
    with pytest.raises(ValueError, match="one day"):
        join_rules([one, replace(one, on=dt.date(2026, 11, 22))])
    with pytest.raises(ValueError, match="words"):
        join_rules([one, compile_rules([rule("a", parse_condition("hukou = 'moon'"))], REGISTER, on)])
