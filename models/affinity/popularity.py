"""Popularity by period, with exponential decay in time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.affinity.dataset import AffinityDataset, Interactions
from models.affinity.inputs import InputEncoder
from models.affinity.linear import LinearAffinity, LinearBlock, frozen
from models.affinity.sparse_rows import column_sums, csr_of_cells

MOST_KNOTS = 64


@dataclass(frozen=True, slots=True)
class Popularity:
    """How much of all use falls on an item, overall and near a day; logarithms, smoothed."""

    name: str = "popularity"
    half_life: float | None = 30.0
    """Days after which an interaction counts half; None forgets time."""
    causal: bool = True
    """Only what came before a day speaks for it; False looks both ways, for interpolation."""
    shrinkage: float = 200.0
    """Interactions a period needs to be trusted as much as the whole."""
    weight_power: float = 1.0
    """An interaction counts its weight to this power; 0 counts takers, whatever they took."""

    def fit(self, dataset: AffinityDataset, *, seed: int) -> LinearAffinity:
        """Count; `seed` changes nothing."""
        counted = _counted(dataset, self.weight_power)
        total = column_sums(counted.matrix((dataset.subjects, len(dataset.items))))
        overall = (total + 0.5) / (total.sum() + 0.5 * len(total))
        knots = self._knots(counted)
        if not knots:
            return LinearAffinity(dataset.items, (), frozen(np.log(overall)))
        near = _near(counted, np.asarray(knots), self.half_life or 1.0, self.causal, len(total))
        mixed = (near + self.shrinkage * overall) / (near.sum(axis=1, keepdims=True) + self.shrinkage)
        block = LinearBlock(InputEncoder(knots=knots), frozen(np.log(mixed) - np.log(overall)))
        return LinearAffinity(dataset.items, (block,), frozen(np.log(overall)))

    def _knots(self, counted: Interactions) -> tuple[float, ...]:
        dated = counted.time[np.isfinite(counted.time)]
        if self.half_life is None or not len(dated) or dated.min() == dated.max():
            return ()
        wanted = int(np.ceil((dated.max() - dated.min()) / (self.half_life / 2))) + 1
        return tuple(np.linspace(dated.min(), dated.max(), min(max(wanted, 2), MOST_KNOTS)).tolist())


def _counted(dataset: AffinityDataset, power: float) -> Interactions:
    taken = dataset.interactions
    return Interactions(taken.subject, taken.item, taken.weight**power, taken.time)


def _near(
    counted: Interactions, knots: npt.NDArray[np.float64], half_life: float, causal: bool, items: int
) -> npt.NDArray[np.float64]:
    """Decayed counts, (knots, items); walks day by day so that memory stays small."""
    dated = counted.take(np.isfinite(counted.time))
    day = np.floor(dated.time).astype(np.int64)
    first = int(day.min())
    by_day = csr_of_cells(dated.weight, day - first, dated.item, (int(day.max()) - first + 1, items))
    gap = knots[:, None] - (first + np.arange(by_day.shape[0]))[None, :]
    decay = np.exp2(-np.abs(gap) / half_life)
    return np.asarray((np.where(gap >= 0, decay, 0.0) if causal else decay) @ by_day)
