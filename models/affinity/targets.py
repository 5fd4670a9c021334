"""What a regression on features is asked to predict of a subject's interactions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from models.affinity.dataset import AffinityDataset, Features
from models.affinity.inputs import InputEncoder, group_of, products_of
from models.affinity.sparse_rows import Csr, column_sums, presence, row_sums, scaled

MOST_PRODUCTS = 20_000
"""Products a regression may have; an order that would bring more is left out, and all deeper ones."""
MOST_TRIED = 1_000_000
"""Products looked for in one order."""


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
    groups: tuple[str, ...] = ()
    """Groups of features it is confined to; none named means all."""

    def encoder(self, features: Features) -> InputEncoder:
        """The terms found in these features."""
        kept = tuple(name for name in features.names if not self.groups or group_of(name) in self.groups)
        confined = Features(features.aligned(kept), kept)
        products: list[tuple[str, ...]] = []
        shallower = len(kept)
        for order in range(2, self.order + 1):
            if shallower * len(kept) > MOST_TRIED:
                break
            found = products_of(confined, order, self.least)
            if len(products) + len(found) > MOST_PRODUCTS:
                break
            products += found
            shallower = len(found)
        return InputEncoder(features=kept, products=tuple(products), constant=not kept)

    def penalties(self, encoder: InputEncoder, rows: Csr) -> npt.NDArray[np.float64]:
        """One a column: the term's own, times how much its group of terms varies over the rows.

        So every group has the same say, whether it is one indicator of two or a ladder of thresholds.
        """
        penalty = np.full(encoder.width, float(self.product_regularisation))
        penalty[: len(encoder.features)] = self.regularisation
        names = [(name,) for name in encoder.features] + list(encoder.products)
        groups = [tuple(sorted(group_of(part) for part in name)) for name in names]
        groups += [("",)] * (encoder.width - len(names))
        kinds = {group: at for at, group in enumerate(dict.fromkeys(groups))}
        member = np.array([kinds[group] for group in groups], dtype=np.intp)
        spread = np.bincount(member, weights=_variances(rows), minlength=len(kinds))
        return np.asarray(penalty * np.maximum(spread, 1e-3)[member])


def _variances(rows: Csr) -> npt.NDArray[np.float64]:
    """The variance of each column."""
    count = max(rows.shape[0], 1)
    mean, square = column_sums(rows) / count, column_sums(rows.multiply(rows)) / count
    return np.asarray(square - mean**2)
