"""One city's figures, subject by subject."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Final

import polars as pl

from benchmarks.city_admitted import ineligible_shown
from benchmarks.city_baselines import baseline_scores
from benchmarks.city_measure import (
    OMNISCIENT,
    OURS,
    RULES,
    VISIBLE,
    Gathered,
    Pair,
    Reminded,
    Truth,
    by_score,
    discounted,
    inside_the_fence,
    on_page,
    remind,
    truth_of,
)
from benchmarks.city_pages import Paged, learn, pages, scored_pairs
from benchmarks.city_world import ENDS, CityWorld, city
from catalog.vocabulary import SubjectKind
from pipelines.city.world import World
from pipelines.train.ground import Ground

LEARNED_FROM: Final = {SubjectKind.CITIZEN: 6_000, SubjectKind.ENTERPRISE: 2_000}
"""Past pages."""
LEARNED_FROM_QUICKLY: Final = {SubjectKind.CITIZEN: 500, SubjectKind.ENTERPRISE: 200}
SCORED: Final = {SubjectKind.CITIZEN: 1_200, SubjectKind.ENTERPRISE: 400}
"""Subjects, of those who used anything in the held-out months."""
SCORED_QUICKLY: Final = {SubjectKind.CITIZEN: 200, SubjectKind.ENTERPRISE: 60}


class CityJudged:
    """What was found in one city."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.admitted, self.all, self.page = Gathered(), Gathered(), Gathered()
        self.ineligible = 0
        self.reminded: list[tuple[Reminded, Reminded]] = []
        """Of each kind of subject: by the served page, and by the rules' own order."""

    def judge(self, built: CityWorld, ground: Ground, pairs: pl.DataFrame, paged: list[Paged]) -> None:
        """Add what was found of one kind of subject."""
        truth = truth_of(pairs)
        others = baseline_scores(ground, paged, built.seed)
        for row, one in enumerate(paged):
            own = truth[one.subject]
            of_items = {
                name: {pair: float(scores[row, place[pair[1]]]) for pair in own if pair[1] in place}
                for name, (scores, place) in others.items()
            }
            self._add(one, own, of_items)
        self.ineligible += ineligible_shown(ground, paged)
        outcomes = built.truth("reminders")
        both = (remind(paged, outcomes, by_rules=False), remind(paged, outcomes, by_rules=True))
        self.reminded.append(both)

    def _add(self, one: Paged, truth: Truth, of_items: Mapping[str, Mapping[Pair, float]]) -> None:
        scores = {
            OURS: one.chances,
            VISIBLE: {pair: told[1] for pair, told in truth.items()},
            OMNISCIENT: {pair: told[2] for pair, told in truth.items()},
            RULES: {pair: -float(at) for at, pair in enumerate(on_page(one.by_rules))},
            **of_items,
        }
        admitted = [pair for pair in truth if pair in one.chances]
        for gathered, among in ((self.admitted, admitted), (self.all, list(truth))):
            _gather(gathered, one, {name: by_score(among, each) for name, each in scores.items()}, truth)
        shown = {
            OURS: on_page(one.served),
            RULES: on_page(one.by_rules),
            VISIBLE: inside_the_fence(one.served, truth),
        }
        known = {name: [pair for pair in order if pair in truth] for name, order in shown.items()}
        _gather(self.page, one, known, truth)


def judge_city(world: World, seed: int, at: int, *, quick: bool) -> CityJudged:
    """Build a city, learn in it, order its pages and judge them; `at` says which months are held out."""
    found = CityJudged(world.world)
    _tell(f"{world.world}: building a city of {world.citizens:,}")
    with city(world, seed, ENDS[at]) as built:
        grounds = {kind: built.ground(kind) for kind in SubjectKind}
        _tell(f"{world.world}: learning")
        signals = learn(grounds, built, LEARNED_FROM_QUICKLY if quick else LEARNED_FROM)
        for kind, ground in grounds.items():
            _tell(f"{world.world}: ranking for {kind}s")
            pairs = scored_pairs(built, kind)
            subjects = pairs["subject"].unique().sort()
            most = min((SCORED_QUICKLY if quick else SCORED)[kind], len(subjects))
            chosen = subjects.sample(most, seed=seed)
            found.judge(built, ground, pairs, list(pages(ground, signals, chosen.to_list())))
    return found


def _gather(gathered: Gathered, one: Paged, orders: Mapping[str, list[Pair]], truth: Truth) -> None:
    """nDCG of every order, where anything they order was used."""
    values = {name: discounted(order, truth) for name, order in orders.items()}
    if any(value is None for value in values.values()):
        return
    for name, value in values.items():
        gathered.values.setdefault(name, []).append(float(value or 0.0))
    gathered.traces.append(one.traces)
    gathered.kinds.append(str(one.kind))


def _tell(what: str) -> None:
    print(what, file=sys.stderr, flush=True)
