"""The page as logged: a randomised policy whose propensities are exact, and readers with position bias.

With share `uniform` a slate is a uniformly random ordered choice among the candidates; else it is
the head of the base order (duties first, then popularity). So an item's propensity at a position is
(1 - uniform) * [it stands there in the base order] + uniform / candidates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from catalog.catalogue import Item
from catalog.public_service import PublicService
from catalog.vocabulary import Nature
from pipelines.city.block import Block
from pipelines.city.demand import Demanded, People
from pipelines.city.journal import Journal, moment
from pipelines.city.life import Month
from pipelines.city.randomness import Bools, Floats, Ints
from pipelines.city.taste import ItemWeights
from pipelines.city.wants import Wants
from pipelines.city.world import SlateKnob


def base_score(items: Sequence[Item], weights: ItemWeights) -> Floats:
    """What the base order sorts by, highest first: obligations, then overall popularity."""
    duty = np.array(
        [
            3.0 if isinstance(item, PublicService) and item.nature is Nature.OBLIGATION else 0.0
            for item in items
        ]
    )
    return np.asarray(duty + weights.base)


def propensity(base_rank: Ints, position: Ints, candidates: Ints, uniform: float) -> Floats:
    """The probability of showing a candidate at a position (both from 1), given the candidates."""
    return np.asarray((1.0 - uniform) * (base_rank == position) + uniform / candidates)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs that could be shown on this month's page visits, by visit."""

    visit: Ints
    scope: Ints
    row: Ints
    column: Ints
    score: Floats
    appeal: Floats
    pending: Bools

    def take(self, index: Ints | Bools) -> Candidates:
        """Some of the pairs."""
        return Candidates(*(getattr(self, name)[index] for name in self.__dataclass_fields__))


@dataclass(slots=True)
class SlatePolicy:
    """Shows slates and logs what becomes of them."""

    block: Block
    wants: Wants
    journal: Journal
    scopes: tuple[str, ...]
    scores: dict[str, Floats]
    codes: dict[str, Ints]

    def show(self, demanded: dict[str, Demanded], who: People, month: Month, quiet: Ints) -> None:
        """One slate to each of the month's visitors, once their facts are `quiet` (a day a subject)."""
        knobs, rng = self.block.setting.world.slates, self.block.rng("slates", month.number)
        last = month.first_day + month.days - 1
        visitors = self._visitors(who, rng) & (quiet <= last)
        if not visitors.any():
            return
        numbers = np.cumsum(visitors) - 1
        pairs = [self._pairs(scope, demanded[scope], visitors, numbers) for scope in demanded]
        chosen = [pair for pair in pairs if len(pair.visit)]
        if not chosen:
            return
        every = Candidates(
            *(np.concatenate([getattr(p, name) for p in chosen]) for name in Candidates.__dataclass_fields__)
        )
        from_day = quiet[np.flatnonzero(visitors)]
        day = from_day + np.floor(rng.random(len(from_day)) * (last - from_day + 1)).astype(np.int64)
        self._slate(every, day, knobs, rng)

    def _visitors(self, who: People, rng: np.random.Generator) -> Bools:
        knobs = self.block.setting.world.slates
        pending = np.zeros(self.block.subjects.rows, dtype=np.bool_)
        for scope, wants in self.wants.by_scope.items():
            rows = np.flatnonzero((wants.pending == 1).any(axis=1))
            pending[self.block.states[scope].owner[rows]] = True
        rate = (knobs.visits[self.block.kind] + knobs.visit_need * pending) * who.activity * who.online
        return (rng.random(len(rate)) < -np.expm1(-rate)) & self.block.living

    def _pairs(self, scope: str, demanded: Demanded, visitors: Bools, numbers: Ints) -> Candidates:
        wants, state = self.wants.by_scope[scope], self.block.states[scope]
        shown = demanded.allowed & (wants.busy == 0) & visitors[state.owner][:, None]
        rows, columns = np.nonzero(shown)
        return Candidates(
            numbers[state.owner[rows]],
            np.full(len(rows), self.scopes.index(scope)),
            rows,
            columns,
            self.scores[scope][columns],
            demanded.appeal[rows, columns].astype(np.float64),
            wants.pending[rows, columns] > 0,
        )

    def _slate(self, every: Candidates, day: Ints, knobs: SlateKnob, rng: np.random.Generator) -> None:
        visits = len(day)
        base = _ranks(every.visit, -every.score, every.row)
        counts = np.bincount(every.visit, minlength=visits)
        random_slate = rng.random(visits) < knobs.uniform
        shuffled = _ranks(every.visit, rng.random(len(every.visit)), every.row)
        position = np.where(random_slate[every.visit], shuffled, base)
        shown = position <= knobs.length
        slate = self.journal.slate_count + every.visit
        chance = propensity(base, position, counts[every.visit], knobs.uniform)
        at = moment(day, rng.random(visits))
        self.journal.slate_count += visits
        self._log_context(every, base, slate, counts, knobs.length + 2)
        self._read(
            every.take(shown), slate[shown], position[shown], chance[shown], at[every.visit[shown]], rng
        )

    def _log_context(self, every: Candidates, base: Ints, slate: Ints, counts: Ints, depth: int) -> None:
        """Keep, for truth, what the policy knew: the number of candidates and the head of the base order."""
        kept = base <= depth
        self.journal.slates.write(
            {
                "slate": slate[kept],
                "candidates": counts[every.visit[kept]],
                "base_rank": base[kept],
                "scope": every.scope[kept],
                "row": every.row[kept],
                "item": self._item(every.take(kept)),
            }
        )

    def _read(
        self,
        shown: Candidates,
        slate: Ints,
        position: Ints,
        chance: Floats,
        at: Ints,
        rng: np.random.Generator,
    ) -> None:
        knobs = self.block.setting.world.slates
        item = self._item(shown)
        looks = rng.random(len(item)) < np.array(knobs.examination)[position - 1]
        low, taste, pending = knobs.click
        wish = low + (taste - low) * shown.appeal / (1.0 + shown.appeal)
        clicks = looks & (rng.random(len(item)) < np.where(shown.pending, pending, wish))
        dismissed = looks & ~clicks & ~shown.pending & (rng.random(len(item)) < knobs.dismiss)
        for kind, which, delay in (
            ("impression", np.ones(len(item), dtype=np.bool_), 0),
            ("click", clicks, 8_000_000),
            ("view", clicks, 9_000_000),
            ("dismiss", dismissed, 15_000_000),
        ):
            for code in np.unique(shown.scope):
                mine = which & (shown.scope == code)
                when = at[mine] + delay + 1_000_000 * position[mine]
                self.journal.act(
                    kind, int(code), shown.row[mine], item[mine], when,
                    slate=slate[mine], position=position[mine], propensity=chance[mine],
                )  # fmt: skip
        sparked = clicks & ~shown.pending & (rng.random(len(item)) < knobs.spark)
        for code in np.unique(shown.scope[sparked]):
            mine = sparked & (shown.scope == code)
            self.wants.by_scope[self.scopes[code]].pending[shown.row[mine], shown.column[mine]] = 1

    def _item(self, pairs: Candidates) -> Ints:
        item = np.zeros(len(pairs.row), dtype=np.int64)
        for code in np.unique(pairs.scope):
            mine = pairs.scope == code
            item[mine] = self.codes[self.scopes[code]][pairs.column[mine]]
        return item


def _ranks(visit: Ints, key: Floats, tie: Ints) -> Ints:
    """The rank from 1 of each pair within its visit, lowest key first."""
    order = np.lexsort((tie, key, visit))
    starts = np.searchsorted(visit[order], visit[order], side="left")
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[order] = np.arange(len(order)) - starts + 1
    return ranks
