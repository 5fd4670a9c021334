"""At the start of the held-out months: what each pair's use is expected to be, fully and visibly known."""

from __future__ import annotations

import calendar
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.city.block import Block
from pipelines.city.demand import Demanded, Geometry, Matrix, People, demanded, people
from pipelines.city.event_belief import EventBelief
from pipelines.city.expected_use import Outlook, believed_pending, chance_of_use
from pipelines.city.identities import item_ids, subject_ids
from pipelines.city.life import Life, Month
from pipelines.city.papers import Papers
from pipelines.city.randomness import Bools
from pipelines.city.taste_belief import TasteBelief
from pipelines.city.traces import Traces
from pipelines.city.wants import ScopeWants, Wants
from pipelines.city.world import months_before

WATCHED = 4
"""Months of looking that tell whether something is still pending."""
STRAY = 0.003
"""Views a month of an idle pair through pages it was shown on."""


@dataclass(slots=True)
class Foresight:
    """The expectations of one block at the cut, and what they rest on."""

    block: Block
    geometry: Geometry
    life: Life
    wants: Wants
    papers: Papers
    traces: Traces
    belief: TasteBelief
    cut: int
    """Number of the first held-out month."""
    scored: list[pl.DataFrame] = field(default_factory=list)

    def score(self, month: Month) -> None:
        """Expect the use of every pair in the held-out months, as their first one begins."""
        if self.block.first_index >= self.block.setting.world.truth.scored_subjects:
            return
        self.belief.hear(self.traces, range(self.cut))
        who = people(self.block, self.geometry.tastes, month)
        ahead = [self._demand(each, who) for each in self._months(month)]
        pulls = {scope: self.belief.expected_pull(scope) for scope in ahead[0]}
        events = EventBelief(self.block, self.life, self.wants, month)
        guessed = events.needs(len(ahead), ahead[0], pulls, self.traces)
        true = events.to_come(len(ahead))
        for scope in ahead[0]:
            months = [demand[scope] for demand in ahead]
            start = self._starts(scope, months, month, who)
            omniscient = self._omniscient(scope, months, true[scope], start, who)
            visible = self._visible(scope, months, guessed[scope], start, pulls[scope], who)
            self.scored.append(self._table(scope, months, omniscient, visible))

    def _months(self, first: Month) -> list[Month]:
        horizon = self.block.setting.world.truth.horizon_months
        days = [months_before(first.first, -ahead) for ahead in range(horizon)]
        return [
            Month(first.number + n, day, day.replace(day=calendar.monthrange(day.year, day.month)[1]))
            for n, day in enumerate(days)
        ]

    def _demand(self, month: Month, who: People) -> dict[str, Demanded]:
        """What would be demanded in a month to come if nothing changed but the date."""
        return {
            scope: demanded(self.block, scope, wants, self.geometry, who, month)
            for scope, wants in self.wants.by_scope.items()
            if wants.items and self.block.states[scope].rows
        }

    def _starts(self, scope: str, months: list[Demanded], first: Month, who: People) -> list[Matrix]:
        """The chance that a pending pair is started in each month, papers missing as they are now."""
        knobs, wants = self.block.setting.world.journey, self.wants.by_scope[scope]
        rows, columns = np.nonzero(np.any([month.allowed for month in months], axis=0))
        missing = self.papers.missing(self.block, scope, wants, (rows, columns), first.first_day)
        chance = np.zeros(wants.need.shape, dtype=np.float32)
        given_up = knobs.abandon * self._online(scope, who)[rows, columns]
        chance[rows, columns] = knobs.start * knobs.paper_friction**missing * (1.0 - given_up)
        free = wants.busy < first.first_day
        return [
            chance * month.allowed * free * share for month, share in zip(months, self._shares(), strict=True)
        ]

    def _shares(self) -> list[float]:
        """How much of each held-out month lies before the end; only the last may be cut short."""
        end = self.block.setting.as_of
        whole = calendar.monthrange(end.year, end.month)[1]
        return [1.0] * (self.block.setting.world.truth.horizon_months - 1) + [end.day / whole]

    def _sparks(self, scope: str, who: People) -> Matrix:
        """Intents a month that pages set off, about: a page shows about half of what it could."""
        knobs = self.block.setting.world.slates
        a_visit = 0.5 * float(np.mean(knobs.examination)) * sum(knobs.click[:2]) / 2.0 * knobs.spark
        rate = knobs.visits[self.block.kind] * a_visit * np.clip(who.usually_online, 0.02, 0.98)
        return rate.astype(np.float32)[self.block.states[scope].owner][:, None]

    def _omniscient(
        self, scope: str, months: list[Demanded], needs: list[Matrix], start: list[Matrix], who: People
    ) -> Matrix:
        owner = self.block.states[scope].owner
        active = who.activity.astype(np.float32)[owner][:, None]
        sparks = self._sparks(scope, who)
        rates = [
            share * (active * m.appeal * (m.usual + need) + sparks * m.allowed)
            for m, need, share in zip(months, needs, self._shares(), strict=True)
        ]
        pending = (self.wants.by_scope[scope].pending > 0).astype(np.float32)
        return chance_of_use(Outlook(rates, start, pending), self.block.setting.world.journey.drop)

    def _visible(
        self, scope: str, months: list[Demanded], needs: list[Matrix], start: list[Matrix], pull: Matrix,
        who: People,
    ) -> Matrix:  # fmt: skip
        """As a model may see it: taste, needs and pending intents are beliefs, not knowledge."""
        knobs = self.block.setting.world.journey
        sparks = self._sparks(scope, who)
        rates = [
            share * (pull * m.visible_pull * (m.usual + need) + sparks * m.allowed)
            for m, need, share in zip(months, needs, self._shares(), strict=True)
        ]
        shape = rates[0].shape
        watched = [range(number, number + 1) for number in range(self.cut - WATCHED, self.cut)]
        noise = months[0].allowed * np.minimum(knobs.noise_view * months[0].visible_pull * pull, 0.5) + STRAY
        online = self._online(scope, who)
        pending = believed_pending(
            [self.traces.counts(scope, "view", shape, each) for each in watched],
            [self.traces.counts(scope, "use", shape, each) for each in watched],
            rates[0], noise, start[0], online, knobs,
        )  # fmt: skip
        return chance_of_use(Outlook(rates, start, pending), knobs.drop)

    def _online(self, scope: str, who: People) -> Matrix:
        """How much of a subject's business is online, as its traits suggest: the habit itself is hidden."""
        usual = np.clip(who.usually_online, 0.02, 0.98).astype(np.float32)
        return np.broadcast_to(
            usual[self.block.states[scope].owner][:, None], self.wants.by_scope[scope].need.shape
        )

    def _table(self, scope: str, months: list[Demanded], omniscient: Matrix, visible: Matrix) -> pl.DataFrame:
        block, state, wants = self.block, self.block.states[scope], self.wants.by_scope[scope]
        kept: Bools = months[0].allowed | (omniscient > 1e-3)
        kept &= (state.alive & block.remaining[state.owner] & ~block.curated[state.owner])[:, None]
        rows, columns = np.nonzero(kept)
        return pl.DataFrame(
            {
                "subject": subject_ids(block.setting.seed, block.kind, block.first_index + state.owner[rows]),
                "scope_item": item_ids(block, scope, rows),
                "item": _ids(wants)[columns],
                "eligible": months[0].allowed[rows, columns],
                "omniscient": omniscient[rows, columns],
                "visible": visible[rows, columns],
            }
        )


def _ids(wants: ScopeWants) -> npt.NDArray[np.str_]:
    return np.array([item.id for item in wants.items], dtype=np.str_)


def first_held_out(months_history: int, horizon: int) -> int:
    """The number of the first held-out month."""
    return max(months_history - horizon, 0)
