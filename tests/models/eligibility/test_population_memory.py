"""An answer may be written over an earlier one, and is the same as in memory of its own."""

from __future__ import annotations

import datetime as dt

import numpy as np

from catalog.expression import parse_condition
from models.eligibility.population import PopulationRules
from models.eligibility.rules import compile_rules
from tests.models.eligibility.test_population_laws import table
from tests.models.eligibility.worlds import REGISTER, rule


def test_verdicts_written_over_others_are_the_verdicts() -> None:
    conditions = ("income > 500", "insured", "NOT veteran", "income > 500 AND insured OR veteran")
    rules = compile_rules(
        [rule(text, parse_condition(text)) for text in conditions], REGISTER, dt.date(2026, 3, 1)
    )
    ready = PopulationRules.of_items(rules)
    rich = table([{"income": 900.0, "insured": True, "veteran": False}] * 70)
    poor = table([{"income": 100.0}] * 70)
    first = ready.judge(rich)
    alone = ready.judge(poor).matrix()
    again = ready.judge(poor, over=first)
    assert np.shares_memory(again.planes, first.planes)
    assert np.array_equal(again.matrix(), alone)
    few = ready.judge(table([{"income": 900.0}]), over=again)
    assert few.matrix()[0].tolist() == [2] and not np.shares_memory(few.planes, again.planes)
