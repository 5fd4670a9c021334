"""A linear item-item model in closed form: what goes with what a subject took up before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from models.affinity.dataset import AffinityDataError, AffinityDataset, Floats
from models.affinity.inputs import HistoryValue, InputEncoder
from models.affinity.linear import LinearAffinity, LinearBlock, frozen
from models.affinity.sparse_rows import Csr, column_sums, dense, presence, scaled_columns

MOST_ITEMS = 6_000
"""The Gram matrix is dense: 6,000 items take 0.3 GB in double precision."""


@dataclass(frozen=True, slots=True)
class ItemItem:
    """Ridge regression of each item on all others (EASE), from the Gram matrix alone.

    Without history it has nothing to say and scores every item alike.
    """

    name: str = "item_item"
    regularisation: float = 400.0
    history_power: float = 0.0
    """Rows divided by their sum to this power before learning: tames very active subjects."""
    item_power: float = 0.0
    """Columns divided by the item's count to this power: frequent items are held back less."""
    history_value: HistoryValue = HistoryValue.BINARY

    def fit(self, dataset: AffinityDataset, *, seed: int) -> LinearAffinity:
        """Solve; `seed` changes nothing. Raises AffinityDataError beyond MOST_ITEMS items."""
        if len(dataset.items) > MOST_ITEMS:
            raise AffinityDataError(
                f"{self.name}: {len(dataset.items)} items, at most {MOST_ITEMS}; use Spectral beyond"
            )
        encoder = InputEncoder(
            history=dataset.items, history_value=self.history_value, history_power=self.history_power
        )
        rows = encoder.encode(dataset.batch())
        scale = (column_sums(presence(rows)) + 1.0) ** self.item_power
        weights = _zero_diagonal_ridge(scaled_columns(rows, 1 / scale), self.regularisation)
        block = LinearBlock(encoder, frozen(weights * (scale[None, :] / scale[:, None])))
        return LinearAffinity(dataset.items, (block,), frozen(np.zeros(len(dataset.items))))


def _zero_diagonal_ridge(rows: Csr, regularisation: float) -> Floats:
    gram = dense(rows.T @ rows)
    gram[np.diag_indices_from(gram)] += regularisation
    inverse = linalg.inv(gram, overwrite_a=True, check_finite=False, assume_a="pos")
    weights = inverse / -np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    return np.asarray(weights, dtype=np.float32)
