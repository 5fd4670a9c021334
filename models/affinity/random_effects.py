"""One item's counts as a Poisson mixed model: effects of groups of terms, and of every subject its own.

Fitted by penalised quasi-likelihood (Breslow and Clayton, 1993), its variances by steps of average
information (Gilmour, Thompson and Cullis, 1995), each drawn to what all items together tell of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import linalg

Matrix = npt.NDArray[np.float64]
MEAN = 4.0
"""Prior variance of an item's log rate around its average share: as good as free."""
HELD = 1.0
"""How firmly the logarithm of an item's own variance is held to that of all items."""
FARTHEST = 6.0
"""How far below it may fall: beyond, there is none to speak of."""
ROUNDS = 2
"""Estimates of an item's variances, each followed by its effects."""
NEWTON, ENOUGH = 6, 0.05
"""Steps towards the likeliest effects, and how small the last may be before they end."""
LEAST_EXPECTED = 1e-6
"""Interactions expected at the least, so that weights stay finite."""


@dataclass(frozen=True, slots=True, eq=False)
class Effects:
    """The likeliest effects of one item, as weights of subjects, and the variances they go with."""

    dual: Matrix
    """(subjects,): a group's effects are its variance times its terms' products with this."""
    logs: Matrix
    """(groups + 1,) logarithms of variances, the last that of a subject's own effect."""

    @property
    def mean(self) -> float:
        """What is added to the log of the average share."""
        return MEAN * float(self.dual.sum())


@dataclass(frozen=True, slots=True, eq=False)
class Kernels:
    """What subjects have in common in each group of terms."""

    shared: Matrix
    """(groups, subjects, subjects)."""

    def effects(self, counts: Matrix, exposure: Matrix, pooled: Matrix) -> Effects:
        """Of an item counted so often in each subject where `exposure` was to be expected of the average."""
        logs, effects = pooled, np.zeros(len(counts))
        effects, dual = self._likeliest(logs, counts, exposure, effects)
        for _ in range(ROUNDS - 1):
            logs = self._nearer(logs, pooled, counts, exposure, effects)
            effects, dual = self._likeliest(logs, counts, exposure, effects)
        return Effects(dual, logs)

    def _covariance(self, logs: Matrix) -> Matrix:
        variance = np.exp(logs)
        total = MEAN + np.tensordot(variance[:-1], self.shared, axes=1)
        total[np.diag_indices_from(total)] += variance[-1]
        return np.asarray(total)

    def _likeliest(
        self, logs: Matrix, counts: Matrix, exposure: Matrix, effects: Matrix
    ) -> tuple[Matrix, Matrix]:
        """Effects and their dual by Newton's method, in steps that are bounded."""
        prior = self._covariance(logs)
        for _ in range(NEWTON):
            response, noise = _working(counts, exposure, effects)
            system = prior + np.diag(noise)
            factor = linalg.cho_factor(system, lower=True, overwrite_a=True, check_finite=False)
            dual = linalg.cho_solve(factor, response, check_finite=False)
            step = np.clip(prior @ dual - effects, -2.0, 2.0)
            effects = effects + step
            if np.abs(step).max() < ENOUGH:
                break
        return effects, dual

    def _nearer(
        self, logs: Matrix, pooled: Matrix, counts: Matrix, exposure: Matrix, effects: Matrix
    ) -> Matrix:
        """One step of the variances' logarithms towards the likeliest, given the effects so far."""
        response, noise = _working(counts, exposure, effects)
        inverse = linalg.inv(self._covariance(logs) + np.diag(noise), check_finite=False)
        dual, variance = inverse @ response, np.exp(logs)
        pulls = variance[:, None] * np.vstack([self.shared @ dual, dual])
        traces = variance * np.append(np.tensordot(self.shared, inverse, axes=2), np.trace(inverse))
        slope = 0.5 * (pulls @ dual - traces) - HELD * (logs - pooled)
        information = 0.5 * pulls @ inverse @ pulls.T + HELD * np.eye(len(logs))
        step = np.clip(linalg.solve(information, slope, assume_a="pos"), -1.0, 1.0)
        return np.asarray(np.maximum(logs + step, pooled - FARTHEST))


def _working(counts: Matrix, exposure: Matrix, effects: Matrix) -> tuple[Matrix, Matrix]:
    """The response that makes the model a Gaussian one near these effects, and its noise."""
    expected = np.maximum(exposure * np.exp(np.clip(effects, -20.0, 20.0)), LEAST_EXPECTED)
    return effects + (counts - expected) / expected, 1.0 / expected
