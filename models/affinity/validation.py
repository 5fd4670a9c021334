"""Inner trials: parts of the training data held back to choose by, never the test data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from models.affinity.dataset import AffinityDataset, Floats, SubjectBatch
from models.affinity.metrics import ndcg
from models.affinity.sparse_rows import Csr
from models.affinity.targets import active


class Regime(StrEnum):
    """Which kind of not-knowing is to be met."""

    WARM = "warm"
    """Some interactions are hidden; what a subject already took is not ranked again."""
    SUBJECT_COLD = "subject_cold"
    """Whole subjects are hidden; only their features are known."""
    ITEM_COLD = "item_cold"
    """Whole items are hidden, and ranked among themselves."""


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """What to learn from, whom to rank for, and what they then took."""

    train: AffinityDataset
    batch: SubjectBatch
    gains: Floats
    admissible: npt.NDArray[np.bool_]

    def ndcg(self, scores: npt.NDArray[np.floating], k: int) -> float:
        """Mean nDCG at k over the subjects with a gain."""
        reached = ndcg(scores, self.gains, k=k, admissible=self.admissible)
        return float(np.nanmean(reached)) if np.isfinite(reached).any() else 0.0


@dataclass(frozen=True, slots=True)
class InnerSplit:
    """How trials are cut from a data set."""

    regime: Regime
    folds: int = 5
    """One fold in so many is held back in each trial."""
    trials: int = 2
    most_subjects: int = 2_000
    """Subjects ranked for in a trial; beyond it a seeded sample."""

    def cut(self, dataset: AffinityDataset, *, seed: int) -> tuple[Trial, ...]:
        """The trials, the same for the same seed."""
        rng = np.random.default_rng(seed)
        cutter = {
            Regime.WARM: _hide_interactions,
            Regime.SUBJECT_COLD: _hide_subjects,
            Regime.ITEM_COLD: _hide_items,
        }[self.regime]
        size = {
            Regime.WARM: len(dataset.interactions),
            Regime.SUBJECT_COLD: dataset.subjects,
            Regime.ITEM_COLD: len(dataset.items),
        }[self.regime]
        fold = rng.permutation(size) % self.folds
        return tuple(
            cutter(dataset, fold == at, self.most_subjects, rng) for at in range(min(self.trials, self.folds))
        )


def _hide_interactions(
    dataset: AffinityDataset, hidden: npt.NDArray[np.bool_], most: int, rng: np.random.Generator
) -> Trial:
    train = dataset.with_interactions(dataset.interactions.take(~hidden))
    held = dataset.with_interactions(dataset.interactions.take(hidden)).matrix()
    who = _sample(np.flatnonzero(np.diff(held.indptr) > 0), most, rng)
    batch = train.batch().rows(who)
    unseen = np.asarray(train.matrix()[who].toarray()) == 0
    return Trial(train, batch, _gains(held[who]) * unseen, unseen)


def _hide_subjects(
    dataset: AffinityDataset, hidden: npt.NDArray[np.bool_], most: int, rng: np.random.Generator
) -> Trial:
    taken = dataset.interactions
    train = dataset.with_interactions(taken.take(~hidden[taken.subject]))
    who = _sample(np.intersect1d(np.flatnonzero(hidden), active(dataset)), most, rng)
    batch = SubjectBatch(dataset.subject_features.rows(who))
    gains = _gains(dataset.matrix()[who])
    return Trial(train, batch, gains, np.ones(gains.shape, dtype=np.bool_))


def _hide_items(
    dataset: AffinityDataset, hidden: npt.NDArray[np.bool_], most: int, rng: np.random.Generator
) -> Trial:
    taken = dataset.interactions
    train = dataset.with_interactions(taken.take(~hidden[taken.item]))
    fresh = hidden & (np.bincount(taken.item, minlength=len(dataset.items)) > 0)
    held = dataset.with_interactions(taken.take(fresh[taken.item])).matrix()
    who = _sample(np.flatnonzero(np.diff(held.indptr) > 0), most, rng)
    return Trial(train, train.batch().rows(who), _gains(held[who]), np.tile(fresh, (len(who), 1)))


def _sample(who: npt.NDArray[np.intp], most: int, rng: np.random.Generator) -> npt.NDArray[np.intp]:
    return who if len(who) <= most else np.sort(rng.choice(who, most, replace=False))


def _gains(held: Csr) -> Floats:
    return np.asarray(held.toarray(), dtype=np.float32)
