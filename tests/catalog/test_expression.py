"""Conditions: what is written is what is read, and what is outside the subset is refused with a remedy."""

from __future__ import annotations

import pytest
from hypothesis import given

from catalog.catalogue import Catalogue
from catalog.expression import parse_condition, write_condition
from catalog.faults import WordingError
from catalog.predicate import And, AttributeRef, Compare, Constant, Not, OneOf, Or, Predicate, Present
from tests.catalog.random_predicates import predicates


@given(predicates)
def test_what_is_written_is_read_back(predicate: Predicate) -> None:
    assert parse_condition(write_condition(predicate)) == predicate


@pytest.mark.parametrize(
    ("text", "predicate"),
    [
        ("age >= 65", Compare("age", ">=", 65.0)),
        ("age <> 65", Compare("age", "!=", 65.0)),
        ("balance > -0.5", Compare("balance", ">", -0.5)),
        ("is_retired", Compare("is_retired", "=", True)),
        ("NOT is_retired", Not(Compare("is_retired", "=", True))),
        ("is_retired = FALSE", Compare("is_retired", "=", False)),
        ("hukou IN ('BJ')", OneOf("hukou", ("BJ",))),
        ("hukou NOT IN ('BJ', 'other')", Not(OneOf("hukou", ("BJ", "other")))),
        ("grade IN (1, 2)", Or((Compare("grade", "=", 1.0), Compare("grade", "=", 2.0)))),
        ("age BETWEEN 16 AND 24", And((Compare("age", ">=", 16.0), Compare("age", "<=", 24.0)))),
        ("x IS NULL", Not(Present("x"))),
        ("x IS NOT NULL", Present("x")),
        ("months >= param_months", Compare("months", ">=", AttributeRef("param_months"))),
        ("TRUE", Constant(True)),
        ("a AND (b AND c)", And(tuple(Compare(name, "=", True) for name in "abc"))),
        (
            "a OR b AND c",
            Or((Compare("a", "=", True), And((Compare("b", "=", True), Compare("c", "=", True))))),
        ),
        ("born >= '2025-01-01'", Compare("born", ">=", "2025-01-01")),
    ],
)
def test_the_subset_reads_as_officials_mean_it(text: str, predicate: Predicate) -> None:
    assert parse_condition(text) == predicate


REFUSED = """
age >= 65 -- note
age >= 65; age < 70
65 <= age
age >= 60 + 5
age >
x IS TRUE
x IN (SELECT 1)
x IN ()
a = NULL
a XOR b
a IS DISTINCT FROM b
person.age > 1
"age" > 1
lower(name) = 'x'
name LIKE 'x%'
CASE WHEN a THEN b END
EXISTS (SELECT 1)
"""


@pytest.mark.parametrize("text", ["", *REFUSED.strip().splitlines()])
def test_anything_else_is_refused_with_a_remedy(text: str) -> None:
    with pytest.raises(WordingError) as raised:
        parse_condition(text)
    assert raised.value.remedy


def test_every_condition_of_the_catalogue_is_read_as_written(real: Catalogue) -> None:
    for thing in (*real.items.values(), *real.events.values()):
        for criterion in thing.criteria:
            assert parse_condition(criterion.expression) == criterion.predicate
            assert parse_condition(write_condition(criterion.predicate)) == criterion.predicate
