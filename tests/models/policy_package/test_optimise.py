"""The optimiser against brute force, and the laws a choice keeps."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.vocabulary import Names, Scope
from models.policy_package.candidate import Candidate, Money
from models.policy_package.constraints import (
    Combinability,
    ConstraintError,
    Constraints,
    EffortBudget,
    Group,
    Pair,
)
from models.policy_package.objective import planning, worth
from models.policy_package.optimise import optimise
from models.recommendation import Verdict

ON = dt.date(2026, 3, 2)
WORDS = Names(zh="试", en="test")


def candidate(item: str, yuan: float | None = 1000.0, **changes: object) -> Candidate:
    fields: dict[str, object] = {
        "item": item,
        "scope_item": "firm",
        "scope": Scope.SELF,
        "kind": "support_policy",
        "category": "finance",
        "names": WORDS,
        "verdict": Verdict.TRUE,
        "money": Money(yuan, WORDS),
        "apply_mode": "apply",
    }
    return Candidate(**{**fields, **changes})  # type: ignore[arg-type]


def exclusive(first: str, second: str) -> Pair:
    return Pair(first, second, Combinability.EXCLUSIVE, "cited text 1")


def keeps(chosen: Sequence[Candidate], constraints: Constraints) -> bool:
    """The constraints as an official would check them by hand, independent of the programme."""
    if any(constraints.clash(a, b) for a, b in itertools.combinations(chosen, 2)):
        return False
    for group in constraints.groups:
        if group.at_most is not None and sum(c.item in group.items for c in chosen) > group.at_most:
            return False
    budget = constraints.effort
    if budget.papers is not None and sum(c.effort for c in chosen) > budget.papers:
        return False
    if budget.papers_per_week is None:
        return True
    for due in {c.due_on for c in chosen if c.due_on}:
        papers = sum(c.effort for c in chosen if c.due_on and c.due_on <= due)
        if papers > int(budget.papers_per_week * ((due - ON).days + 1) / 7):
            return False
    return True


def value_of(chosen: Sequence[Candidate], constraints: Constraints) -> int:
    """Worth with caps, summed by hand."""
    capped = {i: g for g in constraints.groups if g.cap is not None for i in g.items}
    total = sum(worth(c, planning()) for c in chosen if c.item not in capped)
    for group in {id(g): g for g in capped.values()}.values():
        inside = sum(worth(c, planning()) for c in chosen if c.item in group.items)
        total += min(inside, max(1, round(group.cap or 0)))
    return total


def brute_force(candidates: Sequence[Candidate], constraints: Constraints) -> int:
    """The greatest worth over every subset of what is open."""
    open_ = [c for c in candidates if c.open_on(ON)]
    return max(
        value_of(chosen, constraints)
        for size in range(len(open_) + 1)
        for chosen in itertools.combinations(open_, size)
        if keeps(chosen, constraints)
    )


def random_case(seed: int) -> tuple[list[Candidate], Constraints]:
    """A small case with every kind of constraint, many ties and some closed or undecided candidates."""
    draw = random.Random(seed)  # noqa: S311
    size = draw.randint(1, 9)
    items = [f"p{i}" for i in range(size)]
    candidates = [
        candidate(
            item,
            draw.choice([None, 500.0, 1000.0, 1000.0, draw.uniform(1, 6e6)]),
            verdict=draw.choice([Verdict.TRUE] * 8 + [Verdict.UNKNOWN, Verdict.FALSE]),
            due_on=draw.choice([None, None, ON + dt.timedelta(days=draw.randint(-3, 60))]),
            effort=draw.randint(0, 4),
            uptake=draw.choice([1.0, 0.5, draw.random()]),
            scope_item=draw.choice(["firm", "firm", "site-1", "site-2"]),
            scope=Scope.SITE,
        )
        for item in items
    ]
    pairs = [
        Pair(a, b, draw.choice([Combinability.EXCLUSIVE, Combinability.COMBINABLE]), "cited")
        for a, b in itertools.combinations(items, 2)
        if draw.random() < 0.35
    ]
    capped = frozenset(i for i in items if draw.random() < 0.4)
    groups = [Group("cap", WORDS, capped, "cited", cap=draw.choice([700.0, 1500.0, 2e5]))]
    for name in ("s1", "s2"):
        some = frozenset(i for i in items if draw.random() < 0.5)
        groups.append(Group(name, WORDS, some, "cited", at_most=draw.randint(1, 3)))
    budget = EffortBudget(draw.choice([None, draw.randint(0, 12)]), draw.choice([None, draw.uniform(0.2, 5)]))
    return candidates, Constraints(tuple(pairs), tuple(groups), budget)


BLOCKS = [pytest.param(n, marks=[pytest.mark.slow] if n > 2 else []) for n in range(10)]


@pytest.mark.parametrize("block", BLOCKS)
def test_equals_brute_force_on_thousands_of_random_cases(block: int) -> None:
    for seed in range(block * 300, (block + 1) * 300):
        candidates, constraints = random_case(seed)
        selection = optimise(candidates, constraints, ON)
        assert keeps(selection.chosen, constraints), seed
        assert selection.value == value_of(selection.chosen, constraints), seed
        assert selection.value == brute_force(candidates, constraints), seed


@settings(max_examples=60, deadline=None)
@given(st.integers(10_000, 10**9), st.randoms(use_true_random=False))
def test_order_of_candidates_does_not_matter(seed: int, shuffler: random.Random) -> None:
    candidates, constraints = random_case(seed)
    expected = optimise(candidates, constraints, ON)
    shuffler.shuffle(candidates)
    assert optimise(candidates, constraints, ON) == expected


@settings(max_examples=60, deadline=None)
@given(st.integers(10_000, 10**9))
def test_nobody_undecided_ineligible_or_late_is_chosen(seed: int) -> None:
    candidates, constraints = random_case(seed)
    for chosen in optimise(candidates, constraints, ON).chosen:
        assert chosen.verdict is Verdict.TRUE
        assert chosen.due_on is None or chosen.due_on >= ON


def test_of_equals_the_one_with_fewer_papers_is_chosen() -> None:
    heavy, light = candidate("a", effort=3), candidate("b", effort=1)
    assert optimise([heavy, light], Constraints((exclusive("a", "b"),)), ON).chosen == (light,)


def test_of_complete_equals_the_first_in_order_is_chosen() -> None:
    twins = [candidate("b"), candidate("a"), candidate("c")]
    pairs = (exclusive("a", "b"), exclusive("b", "c"), exclusive("a", "c"))
    assert [c.item for c in optimise(twins, Constraints(pairs), ON).chosen] == ["a"]


def test_uptake_weighs_the_objective() -> None:
    big, small = candidate("big", 10_000.0, uptake=0.1), candidate("small", 5_000.0, uptake=0.9)
    assert optimise([big, small], Constraints((exclusive("big", "small"),)), ON).chosen == (small,)


def test_exclusive_items_may_be_held_for_different_sites() -> None:
    sites = [
        candidate("a", scope_item="site-1", scope=Scope.SITE),
        candidate("b", scope_item="site-2", scope=Scope.SITE),
    ]
    assert len(optimise(sites, Constraints((exclusive("a", "b"),)), ON).chosen) == 2


def test_not_confirmed_items_may_stand_side_by_side() -> None:
    assert len(optimise([candidate("a"), candidate("b")], Constraints(), ON).chosen) == 2


def test_no_candidates_is_an_empty_choice() -> None:
    assert optimise([], Constraints(), ON).chosen == ()


def test_one_item_twice_for_one_scope_item_is_refused() -> None:
    with pytest.raises(ValueError, match="share one"):
        optimise([candidate("a"), candidate("a")], Constraints(), ON)


def test_every_fault_of_the_constraints_is_told_at_once() -> None:
    with pytest.raises(ConstraintError) as raised:
        Constraints(
            pairs=(
                Pair("a", "b", Combinability.EXCLUSIVE, " "),
                Pair("a", "b", Combinability.COMBINABLE, "x"),
                Pair("c", "c", Combinability.EXCLUSIVE, "x"),
            ),
            groups=(
                Group("g", WORDS, frozenset({"a"}), "x", cap=10.0),
                Group("h", WORDS, frozenset({"a"}), "x", cap=-1.0),
                Group("i", WORDS, frozenset(), ""),
            ),
        )
    message = str(raised.value)
    for words in ("needs a cited source", "both combinable and exclusive", "itself", "more than one cap"):
        assert words in message
    assert "positive sum" in message and "give it a limit" in message
