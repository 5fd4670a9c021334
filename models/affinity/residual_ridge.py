"""What a logit leaves unexplained of each subject, smoothed over subjects that share features."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import linalg

from models.affinity.dataset import AffinityDataset, Floats
from models.affinity.linear import LinearAffinity, LinearBlock, frozen
from models.affinity.protocol import LinearModel
from models.affinity.sparse_rows import Csr, dense, row_sums, scaled, scaled_columns
from models.affinity.targets import FeatureTerms, Target, active, target_rows

Matrix = npt.NDArray[np.float64]
MOST_ROWS = 20_000
"""Subjects learned from; beyond it a seeded sample, since residuals are dense."""


@dataclass(frozen=True, slots=True)
class ResidualRidge:
    """The base's scores are log odds; the ridge adds to them what products of many features still tell.

    Residuals are differences of roots of shares, whose noise is the same for frequent and rare items,
    and are turned back into log odds at each item's average share.
    """

    base: LinearModel
    name: str = "residual_ridge"
    terms: FeatureTerms = field(
        default_factory=lambda: FeatureTerms(order=4, least=1, regularisation=5.0, product_regularisation=5.0)
    )
    noise: float = 300.0
    """A subject with n interactions counts n / (n + noise)."""
    floor: float = 0.02
    """Added to an item's average share, so that rare items are not thrown about."""

    def fit(self, dataset: AffinityDataset, *, seed: int) -> LinearAffinity:
        """Fit the base, then the ridge on its residuals."""
        base = self.base.fit(dataset, seed=seed)
        who = active(dataset)
        if not len(who):
            return base
        if len(who) > MOST_ROWS:
            who = np.sort(np.random.default_rng(seed).choice(who, MOST_ROWS, replace=False))
        batch, counts = dataset.batch().rows(who), dataset.matrix()[who]
        expected = _shares(base.scores(batch))
        residual = dense(target_rows(counts, Target.ROOT_SHARE)) - np.sqrt(expected)
        encoder = self.terms.encoder(batch.features)
        rows = encoder.encode(batch)
        total = row_sums(counts)
        penalties = self.terms.penalties(encoder, rows)
        weights = _ridge(rows, residual, total / (total + self.noise), penalties)
        to_log_odds = 2.0 / np.sqrt(expected.mean(axis=0) + self.floor)
        correction = LinearBlock(encoder, frozen(weights * to_log_odds))
        return LinearAffinity(base.items, (*base.blocks, correction), base.bias)


def _shares(log_odds: Floats) -> Matrix:
    """Each row as shares that sum to one."""
    shifted = log_odds.astype(np.float64)
    odds = np.exp(shifted - shifted.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def _ridge(rows: Csr, residual: Matrix, weight: Matrix, penalties: Matrix) -> Matrix:
    """Weights (inputs, items), solved on whichever side is smaller."""
    if rows.shape[1] <= rows.shape[0]:
        weighted = scaled(rows, weight)
        gram = dense(weighted.T @ rows) + np.diag(penalties)
        return np.asarray(linalg.solve(gram, np.asarray(weighted.T @ residual), assume_a="pos"))
    kernel = dense(scaled_columns(rows, 1.0 / penalties) @ rows.T) + np.diag(1.0 / weight)
    dual = linalg.solve(kernel, residual, assume_a="pos", check_finite=False)
    return np.asarray((rows.T @ dual) / penalties[:, None])
