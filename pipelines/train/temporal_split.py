"""The inner trial that looks like use: learn until a day, rank for what was taken up after it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.affinity.dataset import AffinityDataset, SubjectBatch
from models.affinity.validation import InnerSplit, Regime, Trial


@dataclass(frozen=True, slots=True)
class TemporalSplit(InnerSplit):
    """One trial: the last days are held back whole. What was taken before may be taken again.

    Hiding interactions at random instead would teach that nobody files a yearly return twice.
    """

    regime: Regime = Regime.WARM
    days: float = 60.0
    least_weight: float = 1.0
    """What counts as taken up for real: as much as a case weighs. Looks alone are no gain."""

    def cut(self, dataset: AffinityDataset, *, seed: int) -> tuple[Trial, ...]:
        """The trial; none where nothing dated lies on both sides."""
        taken = dataset.interactions
        dated = np.isfinite(taken.time)
        if not dated.any():
            return ()
        day = float(taken.time[dated].max()) - self.days
        before, after = taken.take(dated & (taken.time <= day)), taken.take(dated & (taken.time > day))
        if not len(before) or not len(after):
            return ()
        train = dataset.with_interactions(before)
        gains = after.matrix((dataset.subjects, len(dataset.items)))
        known = np.bincount(before.subject, minlength=dataset.subjects) > 0
        who = np.flatnonzero(known & (np.diff(gains.indptr) > 0))
        if len(who) > self.most_subjects:
            rng = np.random.default_rng(seed)
            who = np.sort(rng.choice(who, self.most_subjects, replace=False))
        history = before.of_subjects(who, dataset.subjects)
        batch = SubjectBatch(
            dataset.subject_features.rows(who), history, dataset.items, np.full(len(who), day)
        )
        taken_up = np.asarray(gains[who].toarray() >= self.least_weight - 1e-6, dtype=np.float32)
        return (Trial(train, batch, taken_up, np.ones(taken_up.shape, dtype=np.bool_)),)
