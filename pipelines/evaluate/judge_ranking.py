"""`page-ranking` judged on what subjects took up after it was trained, among what their pages admitted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import polars as pl

from catalog.vocabulary import SubjectKind
from models.eligibility.rule_book import RuleBook
from models.homepage import Champions, LearnedSignals
from models.ranking.ranker import chances, one_a_pair, rank
from models.ranking.signals import LearnedUse, RankSignals
from models.ranking.use_model import UseModels
from models.recommendation import Entry, Standing
from models.standing.standing import stand
from models.standing.working_days import published_calendar
from pipelines.evaluate.judge_affinity import NothingToJudgeOn
from pipelines.evaluate.judged import MODEL, Judged, Method
from pipelines.evaluate.slices import groups_of
from pipelines.train.ground import Ground
from pipelines.train.past_pages import PastPages

K: Final = 10
JUDGED_PAGES: Final = 300
"""Of each kind of subject, of those who took up anything; beyond it a seeded sample."""
RULES, UNLEARNED, POPULARITY = "rule order", "fixed weights", "popularity"
Pair = tuple[str, str]


@dataclass(slots=True)
class _Cases:
    """nDCG and whether anything was reached, by method; one entry a subject."""

    values: dict[str, list[float]] = field(default_factory=dict)
    reached: dict[str, list[float]] = field(default_factory=dict)

    def add(self, method: str, order: Sequence[Pair], taken_up: frozenset[Pair]) -> None:
        """What one method's order of a page is worth."""
        gains = np.asarray([pair in taken_up for pair in order], dtype=np.float64)
        discount = 1.0 / np.log2(np.arange(2, 2 + len(gains)))
        best = -np.sort(-gains)
        self.values.setdefault(method, []).append(
            float((gains * discount)[:K].sum() / (best * discount)[:K].sum())
        )
        self.reached.setdefault(method, []).append(float(gains[:K].any()))


def judge_ranking(
    grounds: Mapping[SubjectKind, Ground],
    fitted: Mapping[str, UseModels],
    others: Champions,
    version: str,
    until: dt.date,
    reference: str | None,
    seed: int,
) -> Judged:
    """The version under MODEL in `fitted`, beside the others there, fixed weights and the rules' order.

    `others` are the models whose signals it weighs. Raises NothingToJudgeOn when nothing was taken up.
    """
    cases, groups = _Cases(), []
    for kind in fitted[MODEL]:
        found = _of_kind(grounds[kind], fitted, others, until, cases, seed)
        traits = grounds[kind].traits(until)
        groups.append(groups_of(traits, pl.Series(found, dtype=pl.String), kind).drop("subject"))
    if not cases.values:
        raise NothingToJudgeOn(f"nobody took up anything that stood on a page after {until}")
    methods = {
        name: Method(np.asarray(values), np.asarray(cases.reached[name]))
        for name, values in cases.values.items()
    }
    metrics = {"cases": float(len(cases.values[MODEL]))}
    every = pl.concat(groups, how="diagonal")
    return Judged("page-ranking", version, f"ndcg@{K}", methods, reference or POPULARITY, every, metrics, {})


def _of_kind(
    ground: Ground,
    fitted: Mapping[str, UseModels],
    others: Champions,
    until: dt.date,
    cases: _Cases,
    seed: int,
) -> list[str]:
    """The subjects judged, their cases added."""
    day = until + dt.timedelta(days=1)
    signals = LearnedSignals(others, ground.catalogue)
    pages = PastPages(ground, signals, published_calendar())
    taken_up, book = pages.taken_up(day), RuleBook(ground.catalogue)
    owners = ground.records.scope_items.filter(pl.col("id").is_in([of for of, _ in taken_up]))
    active = pages.subjects().filter(pages.subjects().is_in(owners["owner"].unique().implode()))
    chosen = active.sample(min(JUDGED_PAGES, len(active)), seed=seed).sort()
    used = _popularity(ground, until)
    judged = []
    for subject, profile in pages.profiles(chosen, day).items():
        judgement = book.judge(profile, day)
        entries = one_a_pair(stand(profile, ground.catalogue, judgement, pages.calendar))
        if not any((entry.scope_item, entry.item) in taken_up for entry in entries):
            continue
        judged.append(subject)
        terms = signals.terms(profile, day)
        for name, models in fitted.items():
            model = models.get(ground.kind)
            order = _by_rules(entries, day) if model is None else _learned(entries, LearnedUse(model, terms))
            cases.add(name, order, taken_up)
        cases.add(UNLEARNED, _unlearned(entries, signals.signals(profile, judgement), day), taken_up)
        popular = sorted(entries, key=lambda e: (-used.get(e.item, 0), e.item, e.scope_item))
        cases.add(POPULARITY, [(e.scope_item, e.item) for e in popular], taken_up)
        cases.add(RULES, _by_rules(entries, day), taken_up)
    return judged


def _learned(entries: tuple[Entry, ...], use: LearnedUse) -> list[Pair]:
    """All that the rules admit by the learned chance alone."""
    likely = chances(entries, use)
    ordered = sorted(entries, key=lambda e: (-likely[e.scope_item, e.item, e.cycle], e.item, e.scope_item))
    return [(e.scope_item, e.item) for e in ordered]


def _unlearned(entries: tuple[Entry, ...], signals: RankSignals | None, day: dt.date) -> list[Pair]:
    """All of them by the fixed weights, as if every one could be done: no fence here either."""
    free = tuple(replace(entry, standing=Standing.CAN_DO, urgency=None) for entry in entries)
    return [(e.scope_item, e.item) for e in rank(free, signals=signals, on=day)]


def _by_rules(entries: tuple[Entry, ...], day: dt.date) -> list[Pair]:
    return [(e.scope_item, e.item) for e in rank(entries, signals=None, on=day)]


def _popularity(ground: Ground, until: dt.date) -> dict[str, int]:
    counted = ground.records_until(until).cases.group_by("item").len()
    return dict(counted.iter_rows())
