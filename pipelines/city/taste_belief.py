"""What history tells of hidden taste: the exact posterior over prototypes, activity integrated out.

Intents of a pair arrive at rate activity x pull x exp(taste); activity is Gamma(shape, shape / mean).
So with N intents seen, exposure S(m) under prototype m and log pulls L(m) summed over the intents,
log P(m | seen) = log prior(m) + L(m) - (shape + N) log(shape / mean + S(m)) + constant.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.city.block import Block
from pipelines.city.demand import Demanded, Geometry, Matrix, taste_pulls
from pipelines.city.randomness import Floats
from pipelines.city.traces import Traces
from pipelines.city.wants import Wants

NOTICED = 0.7
"""About this share of intents leaves a trace in the month it arises (views online, cases in person)."""


@dataclass(slots=True)
class TasteBelief:
    """What a block's visible history says of each subject's prototype."""

    block: Block
    geometry: Geometry
    exposure: Floats
    pulls: Floats
    seen: Floats

    @classmethod
    def empty(cls, block: Block, geometry: Geometry) -> TasteBelief:
        """Nothing seen yet."""
        shape = (block.subjects.rows, len(geometry.tastes.prototypes))
        return cls(block, geometry, np.zeros(shape), np.zeros(shape), np.zeros(shape[0]))

    def expose(self, demanded: dict[str, Demanded], wants: Wants) -> None:
        """Count what could have been wanted this month, under each prototype."""
        for scope, demand in demanded.items():
            mine = wants.by_scope[scope]
            idle = (mine.pending == 0) & (mine.busy == 0)
            by_taste = taste_pulls(self.geometry, self.geometry.weights[scope])
            pull = demand.visible_pull * (demand.usual + mine.need) * idle
            # A month holds one intent of a pair at most, however strong the pull.
            likely = pull * by_taste.mean(axis=0)
            pull = pull * (-np.expm1(-likely) / np.maximum(likely, 1e-6))
            np.add.at(self.exposure, self.block.states[scope].owner, NOTICED * pull @ by_taste.T)

    def hear(self, traces: Traces, months: range) -> None:
        """Count the intents that left a trace in some months."""
        for scope, state in self.block.states.items():
            log_pulls = np.log(taste_pulls(self.geometry, self.geometry.weights[scope]))
            for trace in traces.of(scope, "intent"):
                if trace.month in months:
                    owner = state.owner[trace.rows]
                    np.add.at(self.pulls, owner, log_pulls[:, trace.columns].T)
                    np.add.at(self.seen, owner, 1.0)

    def posterior(self) -> tuple[Floats, Floats]:
        """Subjects x prototypes: how likely each is, and the activity expected under it."""
        mean, variation = self.block.setting.world.demand.activity
        shape = 1.0 / variation**2
        prior = self.block.taste_prior
        assert prior is not None, "tastes are settled in the first month"  # noqa: S101
        weight = shape + self.seen[:, None]
        rate = shape / mean + self.exposure
        log = np.log(prior) + self.pulls - weight * np.log(rate)
        log -= log.max(axis=1, keepdims=True)
        odds = np.exp(log)
        return odds / odds.sum(axis=1, keepdims=True), weight / rate

    def expected_pull(self, scope: str) -> Matrix:
        """Rows x items: expected activity x taste, all that is hidden of a pair's usual rate."""
        chance, activity = self.posterior()
        by_taste = taste_pulls(self.geometry, self.geometry.weights[scope])
        mixed = ((chance * activity) @ by_taste).astype(np.float32)
        return mixed[self.block.states[scope].owner]
