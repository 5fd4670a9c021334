"""One fold of a protocol: what may be learned from, whom to rank for, what they then took."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.affinity.dataset import AffinityDataset, SubjectBatch
from models.affinity.metrics import ndcg


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """`gains` and `admissible` have one row a subject of the batch and one column an item of `train`."""

    name: str
    seed: int
    train: AffinityDataset
    batch: SubjectBatch
    subjects: tuple[str, ...]
    gains: npt.NDArray[np.float64]
    admissible: npt.NDArray[np.bool_]

    def ndcg10(self, scores: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
        """Each subject's nDCG at 10; NaN without a test item."""
        return ndcg(scores, self.gains, k=10, admissible=self.admissible)
