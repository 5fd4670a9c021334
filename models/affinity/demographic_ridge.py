"""Ridge regression of take-up on a subject's features and their products; speaks without history."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import linalg

from models.affinity.dataset import AffinityDataset
from models.affinity.linear import LinearAffinity, LinearBlock, frozen
from models.affinity.sparse_rows import Csr, column_sums, dense, row_sums, scaled
from models.affinity.targets import FeatureTerms, Target, active, target_rows

Matrix = npt.NDArray[np.float64]
MOST_DIRECTIONS = 2_000
"""Main directions of items solved in; the weaker ones are shrunk to next to nothing anyway."""


@dataclass(frozen=True, slots=True)
class DemographicRidge:
    """Each subject's deviation from the average take-up, shrunk towards none."""

    name: str = "demographic_ridge"
    terms: FeatureTerms = field(default_factory=FeatureTerms)
    target: Target = Target.TAKEN
    noise: float = 0.0
    """How much less a subject with few interactions counts: weight n / (n + noise)."""
    sharing: float = 0.0
    """How far items that go together are predicted together: where subjects differ less between items
    than in the strongest direction, the penalty grows by that ratio to this power. 0 treats each alone.
    """

    def fit(self, dataset: AffinityDataset, *, seed: int) -> LinearAffinity:
        """Solve; `seed` changes nothing."""
        who = active(dataset)
        if not len(who):
            return LinearAffinity(dataset.items, (), frozen(np.zeros(len(dataset.items))))
        features = dataset.subject_features.rows(who)
        encoder = self.terms.encoder(features)
        counts = dataset.matrix()[who]
        rows = encoder.encode(dataset.batch().rows(who))
        total = row_sums(counts)
        weight = total / (total + self.noise)
        target = target_rows(counts, self.target)
        weights, bias = _ridge(rows, target, weight, self.terms.penalties(encoder, rows), self.sharing)
        return LinearAffinity(dataset.items, (LinearBlock(encoder, frozen(weights)),), frozen(bias))


def _ridge(
    rows: Csr, target: Csr, weight: Matrix, penalties: Matrix, sharing: float
) -> tuple[Matrix, Matrix]:
    """Weights (inputs, items) and intercept (items) of a weighted ridge with a free intercept."""
    share = weight / weight.sum()
    input_mean = np.asarray(rows.T @ share, dtype=np.float64)
    target_mean = np.asarray(target.T @ share, dtype=np.float64)
    weighted = scaled(rows, weight)
    gram = dense(weighted.T @ rows) - weight.sum() * np.outer(input_mean, input_mean)
    cross = dense(weighted.T @ target) - weight.sum() * np.outer(input_mean, target_mean)
    if sharing == 0.0:
        gram[np.diag_indices_from(gram)] += penalties
        weights = linalg.solve(gram, cross, assume_a="pos", check_finite=False)
    else:
        weights = _shared(gram, cross, penalties, target, sharing)
    return weights, target_mean - input_mean @ weights


def _shared(gram: Matrix, cross: Matrix, penalties: Matrix, target: Csr, sharing: float) -> Matrix:
    """The ridge solved in the main directions of inputs and of items, each pair with its own penalty."""
    unit = 1.0 / np.sqrt(penalties)
    strength, inputs = linalg.eigh(unit[:, None] * gram * unit, check_finite=False)
    mean = column_sums(target) / target.shape[0]
    covariance = dense(target.T @ target) - target.shape[0] * np.outer(mean, mean)
    size = len(covariance)
    strongest = [max(size - MOST_DIRECTIONS, 0), size - 1]
    variance, items = linalg.eigh(covariance, subset_by_index=strongest, check_finite=False)
    held = (max(variance[-1], 1e-12) / np.maximum(variance, 1e-9 * max(variance[-1], 1e-12))) ** sharing
    solved = (inputs.T @ (unit[:, None] * cross) @ items) / (np.maximum(strength, 0.0)[:, None] + held)
    return np.asarray(unit[:, None] * (inputs @ solved @ items.T))
