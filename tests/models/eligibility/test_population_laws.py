"""Laws of judging a population: row by row as one subject is judged, and as the reference does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.vocabulary import Scope, SubjectKind
from features.schema import ABSENT, COLUMN_TYPES, MaskedTable, Value
from models.eligibility.population import BLOCK, SLAB, PopulationRules
from models.eligibility.rules import Rule, compile_rules
from models.eligibility.subject import judge
from tests.models.eligibility.reference_interpreter import verdict
from tests.models.eligibility.worlds import (
    ATTRIBUTES,
    DAYS,
    PARAMETERS,
    REGISTER,
    STORED,
    part_worlds,
    rules,
)


def table(worlds: Sequence[dict[str, Value]], columns: Sequence[str] = STORED) -> MaskedTable:
    """Scope items as the rows of a table, presence beside each optional attribute."""
    series = []
    for name in columns:
        told = [None if world.get(name) is ABSENT else world.get(name) for world in worlds]
        series.append(pl.Series(name, told, dtype=COLUMN_TYPES[ATTRIBUTES[name].type]))
        if ATTRIBUTES[name].optional:
            series.append(
                pl.Series(f"has_{name}", [_presence(world, name) for world in worlds], dtype=pl.Boolean)
            )
    ids = pl.Series("scope_item", [f"s{i}" for i in range(len(worlds))])
    return MaskedTable(SubjectKind.CITIZEN, Scope.SELF, "assess", pl.DataFrame([ids, *series]))


def _presence(world: dict[str, Value], name: str) -> bool | None:
    if world.get(name) is ABSENT:
        return False
    told = world.get(f"has_{name}")
    return True if name in world else told if isinstance(told, bool) else None


@settings(max_examples=150, deadline=None)
@given(rules(), st.lists(part_worlds(), min_size=1, max_size=6), DAYS)
def test_every_row_is_judged_as_the_reference_does(
    some: tuple[Rule, ...], worlds: list[dict[str, Value]], on: dt.date
) -> None:
    compiled = compile_rules(some, REGISTER, on)
    verdicts = PopulationRules.of_items(compiled).judge(table(worlds))
    for each in some:
        rows = verdicts.of(each.item).tolist()
        for row, world in enumerate(worlds):
            expected = [verdict(c.predicate, world, ATTRIBUTES, PARAMETERS, on) for c in each.criteria]
            assert rows[row] == min(expected, default=2)


@settings(max_examples=60, deadline=None)
@given(rules(), part_worlds(), DAYS)
def test_criteria_are_judged_as_those_of_one_subject(
    some: tuple[Rule, ...], world: dict[str, Value], on: dt.date
) -> None:
    compiled = compile_rules(some, REGISTER, on)
    alone = judge(compiled, world)
    for place, each in enumerate(some):
        criteria = PopulationRules.of_criteria(compiled, each.item).judge(table([world]))
        assert criteria.matrix()[:, 0].tolist() == alone.wires[compiled.criteria[place]].tolist()


@settings(max_examples=60, deadline=None)
@given(rules(), part_worlds(), st.sets(st.sampled_from(STORED)), DAYS)
def test_a_missing_column_is_unknown_of_everybody(
    some: tuple[Rule, ...], world: dict[str, Value], dropped: set[str], on: dt.date
) -> None:
    compiled = compile_rules(some, REGISTER, on)
    kept = [name for name in STORED if name not in dropped]
    known = {n: v for n, v in world.items() if n.removeprefix("has_") not in dropped}
    without = PopulationRules.of_items(compiled).judge(table([world], kept))
    assert without.matrix()[:, 0].tolist() == judge(compiled, known).items.tolist()


@pytest.fixture(scope="module")
def many() -> list[dict[str, Value]]:
    """A few scope items repeated past a block's end, so that blocks and words are filled unevenly."""
    examples: list[dict[str, Value]] = [
        {"income": 900.0, "street": "lane", "has_area": True},
        {"income": 2000.0, "area": ABSENT, "veteran": True, "birth_date": dt.date(1960, 2, 29)},
        {"veteran": False, "birth_date": dt.date(2012, 8, 31), "discharge_date": ABSENT},
    ]
    return [examples[i % 3] for i in range(SLAB + BLOCK + 129)]


@pytest.mark.slow
@settings(max_examples=5, deadline=None)
@given(some=rules())
def test_blocks_and_workers_make_no_difference(some: tuple[Rule, ...], many: list[dict[str, Value]]) -> None:
    ready = PopulationRules.of_items(compile_rules(some, REGISTER, dt.date(2026, 11, 21)))
    rows = table(many)
    at_once, by_two = ready.judge(rows), ready.judge(rows, workers=2)
    assert (at_once.planes == by_two.planes).all()
    matrix = at_once.matrix()
    blocks = [part.matrix() for _, part in ready.judge_in_slabs(rows)]
    assert (np.concatenate(blocks, axis=1) == matrix).all()
    assert (matrix[:, :3] == matrix[:, -3 - len(many) % 3 : len(many) - len(many) % 3]).all()
    counted = [[(row == verdict).sum() for verdict in (0, 1, 2)] for row in matrix]
    assert at_once.counts().tolist() == counted
    assert (at_once.true(some[0].item) == (matrix[0] == 2)).all()


def test_an_empty_table_has_no_verdicts() -> None:
    from tests.models.eligibility.worlds import rule

    ready = PopulationRules.of_items(compile_rules([rule("free")], REGISTER, dt.date(2026, 11, 21)))
    verdicts = ready.judge(table([]))
    assert verdicts.matrix().shape == (1, 0)
    assert verdicts.counts().tolist() == [[0, 0, 0]]
