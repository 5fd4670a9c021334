"""The inner trial that looks like use: learn until a day, rank for what was taken up after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.affinity.dataset import AffinityDataset, Interactions, SubjectBatch
from models.affinity.validation import InnerSplit, Regime, Trial


@dataclass(frozen=True, slots=True)
class TemporalSplit(InnerSplit):
    """The last days are held back whole, and what each part says is judged on people it never saw.

    What was taken before may be taken again: hiding interactions at random instead would teach that nobody
    files a yearly return twice. A part judged on the people it was learned from would be paid for knowing
    them one by one, which is what a model must not do. One trial hides at most one subject in `folds`;
    where few are known it takes several to judge as many.
    """

    regime: Regime = Regime.WARM
    days: float = 60.0
    least_weight: float = 1.0
    """What counts as taken up for real: as much as a case weighs. Looks alone are no gain."""

    def cut(self, dataset: AffinityDataset, *, seed: int) -> tuple[Trial, ...]:
        """The trials; none where nothing dated lies on both sides, or nobody is left to learn from."""
        taken = dataset.interactions
        dated = np.isfinite(taken.time)
        if not dated.any():
            return ()
        day = float(taken.time[dated].max()) - self.days
        before, after = taken.take(dated & (taken.time <= day)), taken.take(dated & (taken.time > day))
        if not len(before) or not len(after):
            return ()
        return tuple(
            self._trial(dataset, before, after, who, day) for who in self._folds(dataset, before, after, seed)
        )

    def _folds(
        self, dataset: AffinityDataset, before: Interactions, after: Interactions, seed: int
    ) -> Iterator[npt.NDArray[np.intp]]:
        """Who is judged in each trial."""
        known = np.bincount(before.subject, minlength=dataset.subjects) > 0
        who = np.flatnonzero(known & (np.bincount(after.subject, minlength=dataset.subjects) > 0))
        who = np.random.default_rng(seed).permutation(who)[: self.most_subjects]
        most = max(int(known.sum()) // self.folds, 1)
        for fold in np.array_split(who, -(-len(who) // most)) if len(who) else ():
            if len(fold) < known.sum():
                yield np.sort(fold)

    def _trial(
        self,
        dataset: AffinityDataset,
        before: Interactions,
        after: Interactions,
        who: npt.NDArray[np.intp],
        day: float,
    ) -> Trial:
        train = dataset.with_interactions(before.take(~np.isin(before.subject, who)))
        gains = after.matrix((dataset.subjects, len(dataset.items)))[who]
        history = before.of_subjects(who, dataset.subjects)
        batch = SubjectBatch(
            dataset.subject_features.rows(who), history, dataset.items, np.full(len(who), day)
        )
        taken_up = np.asarray(gains.toarray() >= self.least_weight - 1e-6, dtype=np.float32)
        return Trial(train, batch, taken_up, np.ones(taken_up.shape, dtype=np.bool_))
