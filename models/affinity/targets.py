"""What a regression on features is asked to predict of a subject's interactions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from models.affinity.dataset import AffinityDataset, Features
from models.affinity.inputs import InputEncoder, products_of
from models.affinity.sparse_rows import Csr, presence, row_sums, scaled


class Target(StrEnum):
    """Whether an item was taken, its share of the subject's use, or the root of that share."""

    TAKEN = "taken"
    SHARE = "share"
    ROOT_SHARE = "root_share"


def target_rows(counts: Csr, target: Target) -> Csr:
    """Rows to regress on, (subjects, items); a subject without interactions is a zero row."""
    if target is Target.TAKEN:
        return presence(counts)
    shares = scaled(counts, 1.0 / np.maximum(row_sums(counts), 1e-9))
    if target is Target.ROOT_SHARE:
        shares.data = np.sqrt(shares.data)
    return shares


def active(dataset: AffinityDataset) -> npt.NDArray[np.intp]:
    """Subjects with at least one interaction: the others are unobserved, not indifferent."""
    return np.flatnonzero(np.bincount(dataset.interactions.subject, minlength=dataset.subjects) > 0)


@dataclass(frozen=True, slots=True)
class FeatureTerms:
    """Which terms of the features a regression has, and how hard each is held back."""

    order: int = 2
    """1 features alone, 2 with pairs, 3 with triples."""
    least: int = 3
    """Subjects a product must be true of."""
    regularisation: float = 30.0
    product_regularisation: float = 60.0

    def encoder(self, features: Features) -> InputEncoder:
        """The terms found in these features."""
        products = [
            product
            for order in range(2, self.order + 1)
            for product in products_of(features, order, self.least)
        ]
        return InputEncoder(features=features.names, products=tuple(products), constant=not features.names)

    def penalties(self, encoder: InputEncoder) -> npt.NDArray[np.float64]:
        """One a column of the encoder."""
        penalty = np.full(encoder.width, self.product_regularisation)
        penalty[: len(encoder.features)] = self.regularisation
        return penalty
