"""The few directions in which histories differ most; smoother than item-item, for any number of items."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import linalg

from models.affinity.dataset import AffinityDataset
from models.affinity.inputs import HistoryValue, InputEncoder
from models.affinity.linear import LinearAffinity, LinearBlock, frozen
from models.affinity.sparse_rows import Csr, column_sums, presence, scaled_columns


@dataclass(frozen=True, slots=True)
class Spectral:
    """Truncated singular value decomposition of the degree-normalised history."""

    name: str = "spectral"
    dimensions: int = 16
    steepness: float | None = None
    """How fast weaker directions fade around the last of `dimensions`; None cuts them off there.

    With a steepness, four times as many are kept, each worth s^p / (s^p + pivot^p).
    """
    history_power: float = 0.25
    item_power: float = 0.25
    """Columns divided by the item's count to this power: tames very popular items."""
    history_value: HistoryValue = HistoryValue.BINARY

    def fit(self, dataset: AffinityDataset, *, seed: int) -> LinearAffinity:
        """Decompose, starting from one seeded vector; signs are made canonical."""
        encoder = InputEncoder(
            history=dataset.items, history_value=self.history_value, history_power=self.history_power
        )
        rows = encoder.encode(dataset.batch())
        taken = column_sums(presence(rows))
        scale = (taken + 1.0) ** self.item_power
        kept = self.dimensions if self.steepness is None else 4 * self.dimensions
        right, strength = _right_vectors(scaled_columns(rows, 1 / scale), kept, seed)
        faded = right * self._worth(strength)
        block = LinearBlock(encoder, frozen((right * scale[:, None]).T), frozen(faded / scale[:, None]))
        return LinearAffinity(dataset.items, (block,), frozen(np.zeros(len(dataset.items))))

    def _worth(self, strength: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        pivot = strength[min(self.dimensions, len(strength)) - 1]
        if self.steepness is None or pivot <= 0:
            return np.ones_like(strength)
        relative = (strength / pivot) ** self.steepness
        return np.asarray(relative / (relative + 1.0))


def _right_vectors(
    rows: Csr, dimensions: int, seed: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """(items, dimensions) orthonormal columns, the strongest first, and their strengths."""
    most = min(dimensions, min(rows.shape) - 1)
    if most < 1 or rows.nnz == 0:
        return np.zeros((rows.shape[1], 1)), np.zeros(1)
    start = np.random.default_rng(seed).normal(size=min(rows.shape))
    _, strength, right = linalg.svds(rows.astype(np.float64), k=most, v0=start, solver="arpack")
    order = np.argsort(-strength)
    right, strength = right[order], strength[order]
    sign = np.sign(right[np.arange(len(right)), np.argmax(np.abs(right), axis=1)])
    return np.asarray((right * sign[:, None]).T), np.asarray(strength)
