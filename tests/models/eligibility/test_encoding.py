"""Values that are not what the register says are named; words nobody expected are still told apart."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import pytest

from catalog.expression import parse_condition
from features.schema import ABSENT
from models.eligibility.figures import substitute
from models.eligibility.population import PopulationRules
from models.eligibility.rules import RuleSet, compile_rules
from models.eligibility.subject import judge
from tests.models.eligibility.test_population_laws import table
from tests.models.eligibility.worlds import REGISTER, rule

ON = dt.date(2026, 11, 21)


def compiled(*conditions: str) -> RuleSet:
    return compile_rules([rule(text, parse_condition(text)) for text in conditions], REGISTER, ON)


def verdicts(told: dict[str, Any], *conditions: str) -> list[int]:
    alone = judge(compiled(*conditions), told).items.tolist()
    many = PopulationRules.of_items(compiled(*conditions)).judge(table([told])).matrix()[:, 0].tolist()
    assert alone == many
    return alone


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("income > 5", {"income": "7"}),
        ("income > 5", {"income": True}),
        ("income > 5", {"income": math.nan}),
        ("income > 5", {"income": math.inf}),
        ("veteran", {"veteran": 1.0}),
        ("hukou = 'east'", {"hukou": 3.0}),
        ("birth_date < '2000-01-01'", {"birth_date": "1999-13-01"}),
        ("birth_date < '2000-01-01'", {"birth_date": dt.datetime(1999, 1, 1, tzinfo=dt.UTC)}),
    ],
)
def test_a_value_of_another_type_is_named(condition: str, told: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(told)) + "|month"):
        judge(compiled(condition), told)


def test_whole_numbers_are_numbers_and_written_dates_are_dates() -> None:
    assert judge(compiled("income > 5"), {"income": 6}).items.tolist() == [2]
    early = judge(compiled("birth_date < '2000-01-01'"), {"birth_date": "1999-12-31"})  # type: ignore[dict-item]
    assert early.items.tolist() == [2]


def test_two_unexpected_words_differ_and_one_equals_itself() -> None:
    conditions = ("district = hukou", "district != hukou", "district IN ('east','west')", "district = 'east'")
    assert verdicts({"district": "north", "hukou": "abroad"}, *conditions) == [0, 2, 0, 0]
    assert verdicts({"district": "north", "hukou": "north"}, *conditions) == [2, 0, 0, 0]


def test_what_need_not_be_declared_optional_to_be_told_absent() -> None:
    """A register may say there is none of what no rule asks the presence of."""
    assert judge(compiled("income > 5", "NOT income > 5"), {"income": ABSENT}).items.tolist() == [0, 2]


@pytest.mark.parametrize("condition", ["hukou < 'east'", "veteran >= TRUE"])
def test_what_has_no_order_cannot_be_put_in_one(condition: str) -> None:
    with pytest.raises(ValueError, match="has no order"):
        compiled(condition)


def test_an_attribute_that_nobody_registered_cannot_be_compiled() -> None:
    with pytest.raises(KeyError, match="shoe_size"):
        compiled("shoe_size > 40")


def test_a_figure_may_stand_on_either_side() -> None:
    assert verdicts(
        {"income": 1500.0}, "param_line <= income", "income < param_line", "param_line > 1000"
    ) == [
        2,
        0,
        2,
    ]
    assert verdicts({"income": 5.0}, "param_secret > 3", "param_line > param_secret") == [1, 1]


def test_a_figure_and_a_date_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="cannot compare"):
        substitute(parse_condition("today > param_line"), {"today": "2026-11-21", "param_line": 3.0})


def test_conditions_that_say_the_same_are_tested_once() -> None:
    rules = compiled(
        "income > 5 AND veteran", "veteran AND income > 5", "NOT (NOT veteran OR NOT income > 5)"
    )
    assert len(rules.circuit.atoms) == 2
    assert len(set(rules.items.tolist())) == 1
