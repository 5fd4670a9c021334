"""`policy-package`: the time of a whole package at 500 candidates, and whether it is the best there is.

A case has families of mutually exclusive variants (a state, a city and a district version of one relief),
pairs exclusive across families, stacking groups, two capped groups, half of the candidates asking for
papers, deadlines on eight days, and an effort budget of a third of all papers. The time is of
`recommend`: choice, total, what was given up for what, near misses. Optimality is counted on small cases
of the same make against every subset.
"""

from __future__ import annotations

import datetime as dt
import gc
import itertools
import random
import time
from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks.result import Result
from catalog.vocabulary import Names, Scope
from models.policy_package.candidate import Candidate, Money
from models.policy_package.constraints import Combinability, Constraints, EffortBudget, Group, Pair
from models.policy_package.objective import planning, worth
from models.policy_package.optimise import optimise
from models.policy_package.recommend import Request, recommend
from models.recommendation import Verdict

ON = dt.date(2026, 3, 2)
WORDS = Names(zh="基准", en="benchmark")
CATEGORIES = {f"category-{i}": WORDS for i in range(8)}
REQUEST = Request("benchmark", ON, "benchmark", CATEGORIES)
SIZE = 500


def run(quick: bool) -> list[Result]:
    """p50 and p99 of a package in ms, and the share of small cases in which the choice is the best."""
    cases, small = (60, 400) if quick else (400, 4000)
    # As the server does once it has started: the collector need not walk all that was imported.
    gc.collect()
    gc.freeze()
    milliseconds = [_milliseconds(*case(seed, SIZE)) for seed in range(cases + 3)][3:]
    best = [_is_best(*case(10_000 + seed, 4 + seed % 8)) for seed in range(small)]
    return [
        Result("p50_ms", float(np.quantile(milliseconds, 0.5)), "ms"),
        Result("p99_ms", float(np.quantile(milliseconds, 0.99)), "ms"),
        Result("optimal_share", float(np.mean(best)), "share", peer="every subset", peer_value=1.0),
        Result("cases", float(cases), "packages"),
        Result("compared_cases", float(small), "packages"),
    ]


def case(seed: int, size: int) -> tuple[list[Candidate], Constraints]:
    """Candidates and constraints of one firm, scaled to the number of candidates."""
    draw = random.Random(seed)  # noqa: S311 - a draw, no secret
    candidates = [_candidate(draw, f"policy-{i:03d}") for i in range(size)]
    items = [c.item for c in candidates]
    pairs = {frozenset((p.first, p.second)): p for p in _pairs(draw, items)}
    papers = sum(c.effort for c in candidates)
    return candidates, Constraints(
        tuple(pairs.values()), tuple(_groups(draw, items)), EffortBudget(papers // 3, max(papers, 7) / 30)
    )


def _candidate(draw: random.Random, item: str) -> Candidate:
    yuan = float(round(draw.lognormvariate(10, 1.5))) if draw.random() < 0.4 else None
    due_on = ON + dt.timedelta(days=15 * draw.randint(1, 8)) if draw.random() < 0.4 else None
    return Candidate(
        item=item,
        scope_item="benchmark",
        scope=Scope.SELF,
        kind="support_policy",
        category=draw.choice(list(CATEGORIES)),
        names=WORDS,
        verdict=Verdict.TRUE,
        money=Money(yuan, WORDS),
        apply_mode="apply",
        due_on=due_on,
        effort=draw.randint(1, 5) if draw.random() < 0.5 else 0,
        uptake=draw.uniform(0.02, 1.0),
    )


def _pairs(draw: random.Random, items: Sequence[str]) -> Iterator[Pair]:
    """Combinable pairs, then exclusive families and crossings, which prevail where both were drawn."""
    for _ in range(len(items)):
        first, second = draw.sample(items, 2)
        yield Pair(first, second, Combinability.COMBINABLE, "benchmark")
    shuffled = draw.sample(items, len(items))
    for start in range(0, len(shuffled) // 2, 4):
        family = shuffled[start : start + draw.randint(2, 4)]
        for first, second in itertools.combinations(family, 2):
            yield Pair(first, second, Combinability.EXCLUSIVE, "benchmark")
    for _ in range(len(items) // 16):
        first, second = draw.sample(items, 2)
        yield Pair(first, second, Combinability.EXCLUSIVE, "benchmark")


def _groups(draw: random.Random, items: Sequence[str]) -> Iterator[Group]:
    for i in range(max(1, len(items) // 50)):
        some = frozenset(draw.sample(items, min(6, len(items))))
        yield Group(f"stacking-{i}", WORDS, some, "benchmark", at_most=3)
    shuffled = draw.sample(items, len(items))
    for i in range(2):
        capped = frozenset(shuffled[5 * i : 5 * i + 5])
        if capped:
            yield Group(f"cap-{i}", WORDS, capped, "benchmark", cap=100_000.0)


def _milliseconds(candidates: Sequence[Candidate], constraints: Constraints) -> float:
    start = time.perf_counter()
    recommend(candidates, constraints, REQUEST)
    return (time.perf_counter() - start) * 1e3


def _is_best(candidates: Sequence[Candidate], constraints: Constraints) -> bool:
    """Whether no subset that keeps the constraints is worth more."""
    chosen = optimise(candidates, constraints, ON)
    subsets = (
        subset
        for size in range(len(candidates) + 1)
        for subset in itertools.combinations(candidates, size)
        if _keeps(subset, constraints)
    )
    return _keeps(chosen.chosen, constraints) and chosen.value == max(_value(s, constraints) for s in subsets)


def _keeps(chosen: Sequence[Candidate], constraints: Constraints) -> bool:
    budget = constraints.effort
    if budget.papers is not None and sum(c.effort for c in chosen) > budget.papers:
        return False
    for day in {c.due_on for c in chosen if c.due_on is not None}:
        limit = budget.by(day, ON)
        due = sum(c.effort for c in chosen if c.due_on is not None and c.due_on <= day)
        if limit is not None and due > limit:
            return False
    if any(constraints.clash(a, b) for a, b in itertools.combinations(chosen, 2)):
        return False
    return all(
        sum(c.item in group.items for c in chosen) <= group.at_most
        for group in constraints.groups
        if group.at_most is not None
    )


def _value(chosen: Sequence[Candidate], constraints: Constraints) -> int:
    total = sum(worth(c, planning()) for c in chosen)
    for group in constraints.groups:
        if group.cap is not None:
            inside = sum(worth(c, planning()) for c in chosen if c.item in group.items)
            total -= max(0, inside - round(group.cap))
    return total
