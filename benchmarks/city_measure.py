"""How good orders of a city's pairs are: nDCG at 10 against what was used, and what reminders would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from benchmarks.city_pages import Paged
from models.recommendation import Entry, Homepage, Standing

K: Final = 10
REMINDED: Final = 3
"""Pairs a subject is reminded of: what stands first on the page."""
COLD: Final = 0.1
"""The share of subjects, those with the fewest traces, who count as cold."""
OURS, VISIBLE, OMNISCIENT, RULES = "ranker", "visible oracle", "omniscient", "rule order"
LAST: Final = -1e9
Floats = npt.NDArray[np.float64]
Pair = tuple[str, str]
Truth = Mapping[Pair, tuple[bool, float, float]]
"""By scope item and item: whether it was used, and what the oracles gave it."""


@dataclass(slots=True)
class Gathered:
    """nDCG at 10 by name and subject; every name has the same subjects in the same order."""

    values: dict[str, list[float]] = field(default_factory=dict)
    traces: list[int] = field(default_factory=list)
    """Of each subject: cases, looks, searches and starts before the held-out months."""
    kinds: list[str] = field(default_factory=list)

    @property
    def most_traces_of_cold(self) -> int:
        """How many traces the coldest tenth has at most."""
        return int(np.quantile(self.traces, COLD, method="lower"))

    @property
    def cold(self) -> npt.NDArray[np.bool_]:
        """Who is cold."""
        return np.asarray(self.traces) <= self.most_traces_of_cold

    def mean(self, name: str, cold: bool = False) -> float:
        """The mean over all subjects, or over cold ones only."""
        values = self.of(name)
        return float(values[self.cold].mean() if cold else values.mean())

    def of(self, name: str) -> Floats:
        """One value a subject."""
        return np.asarray(self.values[name])


def truth_of(pairs: pl.DataFrame) -> dict[str, dict[Pair, tuple[bool, float, float]]]:
    """By subject, the truth of its pairs."""
    found: dict[str, dict[Pair, tuple[bool, float, float]]] = {}
    columns = ("subject", "scope_item", "item", "used", "visible", "omniscient")
    for subject, scope_item, item, used, visible, omniscient in pairs.select(columns).iter_rows():
        found.setdefault(subject, {})[scope_item, item] = (used, visible, omniscient)
    return found


def discounted(order: Sequence[Pair], truth: Truth) -> float | None:
    """nDCG at K of pairs in order; None where none of them was used."""
    used = np.asarray([truth[pair][0] for pair in order], dtype=np.float64)
    if not used.any():
        return None
    discount = 1.0 / np.log2(np.arange(2, 2 + min(K, len(used))))
    return float(used[:K] @ discount / (-np.sort(-used)[:K] @ discount))


def by_score(pairs: Sequence[Pair], scores: Mapping[Pair, float]) -> list[Pair]:
    """The pairs, best first; unknown ones last, ties in id order."""
    return sorted(pairs, key=lambda pair: (-scores.get(pair, LAST), pair))


def on_page(page: Homepage) -> list[Pair]:
    """The pairs of a page as it runs from top to bottom, each where it stands first."""
    sections = (page.should_do, page.can_do, page.upcoming, page.needs_information)
    more = (page.in_progress, page.done)
    return list(dict.fromkeys((e.scope_item, e.item) for part in (*sections, *more) for e in part))


def inside_the_fence(page: Homepage, truth: Truth) -> list[Pair]:
    """The same page with what a model may order in the oracle's order: the best there can be inside."""

    def best(entries: Sequence[Entry]) -> list[Entry]:
        return sorted(entries, key=lambda e: -truth.get((e.scope_item, e.item), (False, -1.0, -1.0))[1])

    duties = [e for e in page.needs_information if e.score is None]
    rest = [e for e in page.needs_information if e.score is not None]
    parts = (page.should_do, best(page.can_do), page.upcoming, [*duties, *best(rest)])
    more = (page.in_progress, page.done)
    return list(dict.fromkeys((e.scope_item, e.item) for part in (*parts, *more) for e in part))


@dataclass(frozen=True, slots=True)
class Reminded:
    """What reminding of some pairs would come to."""

    pairs: int
    completed: float
    without: float

    @property
    def uplift(self) -> float:
        """Above what would have been completed anyway."""
        return self.completed - self.without


def remind(paged: Sequence[Paged], outcomes: pl.DataFrame, *, by_rules: bool) -> Reminded:
    """Remind every subject once of what stands first among what can be done now."""
    known = {
        (scope_item, item): (used_with, used_without)
        for scope_item, item, used_with, used_without in outcomes.select(
            "scope_item", "item", "used_with", "used_without"
        ).iter_rows()
    }
    found = []
    for one in paged:
        page = one.by_rules if by_rules else one.served
        now = {
            (e.scope_item, e.item)
            for e in (*page.should_do, *page.can_do)
            if e.standing in (Standing.SHOULD_DO, Standing.CAN_DO)
        }
        chosen = [pair for pair in on_page(page) if pair in now and pair in known][:REMINDED]
        found += [known[pair] for pair in chosen]
    both = np.asarray(found, dtype=np.float64)
    return Reminded(len(both), float(both[:, 0].mean()), float(both[:, 1].mean()))
