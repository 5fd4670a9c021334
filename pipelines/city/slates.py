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
from pipelines.city.traces import Traces
from pipelines.city.wants import Wants


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


@dataclass(frozen=True, slots=True)
class Shown:
    """Pairs on a page."""

    pairs: Candidates
    slate: Ints
    position: Ints
    propensity: Floats
    at: Ints


@dataclass(slots=True)
class SlatePolicy:
    """Shows slates and logs what becomes of them."""

    block: Block
    wants: Wants
    journal: Journal
    traces: Traces
    scopes: tuple[str, ...]
    scores: dict[str, Floats]
    codes: dict[str, Ints]

    def show(self, demanded: dict[str, Demanded], who: People, month: Month, quiet: Ints) -> None:
        """One slate to each of the month's visitors, once their facts are `quiet` (a day a subject)."""
        rng = self.block.rng("slates", month.number)
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
        self._slate(every, day, month, rng)

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

    def _slate(self, every: Candidates, day: Ints, month: Month, rng: np.random.Generator) -> None:
        knobs, visits = self.block.setting.world.slates, len(day)
        base = _ranks(every.visit, -every.score, every.row)
        counts = np.bincount(every.visit, minlength=visits)
        random_slate = rng.random(visits) < knobs.uniform
        shuffled = _ranks(every.visit, rng.random(len(every.visit)), every.row)
        position = np.where(random_slate[every.visit], shuffled, base)
        slate = self.journal.slate_count + every.visit
        chance = propensity(base, position, counts[every.visit], knobs.uniform)
        at = moment(day, rng.random(visits))[every.visit]
        self.journal.slate_count += visits
        self._log_context(every, base, slate, counts, knobs.length + 2)
        on_page = position <= knobs.length
        shown = Shown(every.take(on_page), slate[on_page], position[on_page], chance[on_page], at[on_page])
        self._read(shown, month, rng)

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

    def _read(self, shown: Shown, month: Month, rng: np.random.Generator) -> None:
        """Who looks where, clicks what, and is thereby moved to want it."""
        knobs, pairs, count = self.block.setting.world.slates, shown.pairs, len(shown.at)
        looks = rng.random(count) < np.array(knobs.examination)[shown.position - 1]
        low, taste, pending = knobs.click
        wish = low + (taste - low) * pairs.appeal / (1.0 + pairs.appeal)
        clicks = looks & (rng.random(count) < np.where(pairs.pending, pending, wish))
        dismissed = looks & ~clicks & ~pairs.pending & (rng.random(count) < knobs.dismiss)
        self._log(shown, "impression", np.ones(count, dtype=np.bool_), 0)
        self._log(shown, "click", clicks, 8_000_000)
        self._log(shown, "view", clicks, 9_000_000)
        self._log(shown, "dismiss", dismissed, 15_000_000)
        sparked = clicks & ~pairs.pending & (rng.random(count) < knobs.spark)
        for code in np.unique(pairs.scope):
            scope, mine = self.scopes[code], pairs.scope == code
            hit = clicks & mine
            self.traces.leave(scope, month.number, "view", pairs.row[hit], pairs.column[hit])
            new = sparked & mine
            self.wants.by_scope[scope].pending[pairs.row[new], pairs.column[new]] = 1

    def _log(self, shown: Shown, kind: str, which: Bools, delay: int) -> None:
        pairs = shown.pairs
        item = self._item(pairs)
        for code in np.unique(pairs.scope):
            mine = which & (pairs.scope == code)
            when = shown.at[mine] + delay + 1_000_000 * shown.position[mine]
            self.journal.act(
                kind, int(code), pairs.row[mine], item[mine], when,
                slate=shown.slate[mine], position=shown.position[mine], propensity=shown.propensity[mine],
            )  # fmt: skip

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
