"""Items nobody has taken yet, given the factors that their features let expect."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import linalg

from models.affinity.dataset import AffinityDataset, Features, SubjectBatch
from models.affinity.linear import LinearAffinity, LinearBlock, frozen
from models.affinity.protocol import LinearModel
from models.affinity.sparse_rows import dense
from models.affinity.targets import FeatureTerms

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ItemColdStart:
    """Any linear affinity, its factors and bias regressed on item features where an item is new."""

    base: LinearModel
    name: str = "item_cold_start"
    terms: FeatureTerms = field(
        default_factory=lambda: FeatureTerms(regularisation=30.0, product_regularisation=30.0)
    )
    noise: float = 10.0
    """An item taken n times counts n / (n + noise) in the regression."""

    def fit(self, dataset: AffinityDataset, *, seed: int) -> LinearAffinity:
        """Fit the base on what was taken, then complete it."""
        fitted = self.base.fit(dataset, seed=seed)
        taken = np.bincount(dataset.interactions.item, minlength=len(dataset.items)).astype(np.float64)
        complete = _Completion.of(dataset.item_features, taken, self.terms, self.noise)
        blocks = tuple(
            LinearBlock(block.encoder, frozen(complete(block.factors.T).T), block.projection)
            for block in fitted.blocks
        )
        return LinearAffinity(fitted.items, blocks, frozen(complete(fitted.bias[:, None])[:, 0]))


@dataclass(frozen=True, slots=True, eq=False)
class _Completion:
    """A weighted ridge from item terms to whatever is known of the items already taken."""

    rows: Matrix
    weight: Matrix
    penalties: Matrix

    @classmethod
    def of(cls, features: Features, taken: Matrix, terms: FeatureTerms, noise: float) -> _Completion:
        encoder = terms.encoder(features)
        rows = encoder.encode(SubjectBatch(features))
        trust = np.divide(taken, taken + noise, out=np.zeros_like(taken), where=taken > 0)
        return cls(dense(rows), trust, terms.penalties(encoder, rows))

    def __call__(self, known: npt.NDArray[np.floating]) -> Matrix:
        """(items, values) with the rows of items never taken replaced by their prediction."""
        seen = self.weight > 0
        values = np.asarray(known, dtype=np.float64)
        if seen.all() or not seen.any():
            return values
        rows, weight = self.rows[seen], self.weight[seen, None]
        share = weight / weight.sum()
        centre, mean = (share * rows).sum(axis=0), (share * values[seen]).sum(axis=0)
        deviation = rows - centre
        gram = deviation.T @ (weight * deviation) + np.diag(self.penalties)
        slope = linalg.solve(gram, deviation.T @ (weight * (values[seen] - mean)), assume_a="pos")
        out = values.copy()
        out[~seen] = mean + (self.rows[~seen] - centre) @ slope
        return out
