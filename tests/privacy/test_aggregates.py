"""Nothing told points at few: not a count, not what is left of a total, not the difference of two answers."""

from __future__ import annotations

import random
from itertools import chain, combinations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.aggregates import SMALLEST, Counts, Group, Release, release
from privacy.cuts import lightest_cut


def _people(seed: int, size: int) -> pl.DataFrame:
    """Three dimensions, two of them nearly the same: the sort that differences point at somebody."""
    rng = random.Random(seed)  # noqa: S311 - a sample, no secret
    district = [rng.choice("abcde") for _ in range(size)]
    office = [d if rng.random() < 0.97 else rng.choice("abcde") for d in district]
    touched = [rng.random() < {"a": 0.02, "b": 0.5}.get(d, 0.2) for d in district]
    return pl.DataFrame(
        {
            "district": [f"{d}/{t}" for d, t in zip(district, touched, strict=True)],
            "office": office,
            "touched": [str(t) for t in touched],
        }
    )


def _sets(released: Release, people: pl.DataFrame) -> dict[frozenset[Group], frozenset[int]]:
    """Every set that is answered: any groups of one dimension that are told together."""
    found: dict[frozenset[Group], frozenset[int]] = {}
    for dimension in people.columns:
        groups = [(dimension, g) for g in people[dimension].unique().sort()]
        subsets = chain.from_iterable(combinations(groups, n) for n in range(1, len(groups) + 1))
        for asked in subsets:
            members = people[dimension].is_in([g for _, g in asked]).arg_true().to_list()
            told = released.told(asked)
            if told is not None:
                assert told == len(members)
                found[frozenset(asked)] = frozenset(members)
    return found


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), size=st.integers(0, 400))
def test_no_two_answers_differ_by_a_few(seed: int, size: int) -> None:
    people = _people(seed, size)
    counts = Counts(tuple(people.columns))
    for page in people.iter_slices(150):
        counts.add(page)
    answered = _sets(release(counts), people)
    distinct = set(answered.values())
    for members in distinct:
        assert len(members) >= SMALLEST
    for one, other in combinations(distinct, 2):
        assert len(one ^ other) >= SMALLEST


def test_what_is_large_is_told_and_what_is_small_goes_with_its_sibling() -> None:
    rows = [("a/yes", "yes")] * 30 + [("a/no", "no")] * 40 + [("b/yes", "yes")] * 3 + [("b/no", "no")] * 50
    rows += [("c/yes", "yes")] * 12 + [("c/no", "no")] * 60
    counts = Counts(("touched", "group"))
    counts.add(pl.DataFrame(rows, schema=["group", "touched"], orient="row"))
    kin = {
        ("group", f"{g}/{a}"): ("group", f"{g}/{b}") for g in "abc" for a, b in (("yes", "no"), ("no", "yes"))
    }
    released = release(counts, kin)
    assert released.told([("group", "b/yes"), ("group", "b/no")]) == 53
    assert released.told([("group", "b/yes")]) is None
    assert released.told([("touched", "yes")]) == 45
    # Were both others told, the three would be what is left of the total.
    assert None in (released.told([("group", "a/yes")]), released.told([("group", "c/yes")]))
    assert released.told([("group", "nobody")]) == 0


def test_a_few_people_in_all_are_not_told() -> None:
    counts = Counts(("group",))
    counts.add(pl.DataFrame({"group": ["a"] * 5 + ["b"] * 4}))
    released = release(counts)
    assert released.told([("group", "a")]) is None
    assert released.told([("group", "a"), ("group", "b")]) is None


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 10_000), nodes=st.integers(2, 7), density=st.floats(0.2, 1.0))
def test_the_lightest_cut_is_that_of_trying_them_all(seed: int, nodes: int, density: float) -> None:
    rng = np.random.default_rng(seed)
    weights = rng.integers(1, 20, (nodes, nodes)) * (rng.random((nodes, nodes)) < density)
    weights = np.triu(weights, 1)
    weights = (weights + weights.T).astype(np.int64)
    found = lightest_cut(weights)
    every = range(nodes)
    cuts = []
    for size in range(1, nodes):
        for side in combinations(every, size):
            rest = [n for n in every if n not in side]
            crossing = int(weights[np.ix_(side, rest)].sum())
            if crossing:
                cuts.append(crossing)
    assert (found.weight if found else None) == min(cuts, default=None)
