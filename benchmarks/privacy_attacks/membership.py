"""Membership inference: whether somebody's records were among those that the recommender was learned from.

The attacker knows somebody's traits and history, may ask the model anything, and has learned models like it
(shadows) on other people, so that they know what scores of people a model has seen look like. They judge by
how well the model foretells each thing that somebody took up, from their traits and all else they did.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt

from models.affinity.dataset import AffinityDataset, Interactions, SubjectBatch
from models.affinity.linear import LinearAffinity

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Learn = Callable[[AffinityDataset, int], LinearAffinity]
Tell = Callable[[Ints, Ints, int], tuple[Floats, Ints]]
"""Of those a model was learned from and of others, with a seed: (people, statistics), and who is which."""
SHADOWS: Final = 4
FEWEST: Final = 3
"""Things somebody must have taken up for the attack to have anything to go by."""
STATISTICS: Final = ("score", "rank", "loss", "lowest", "own_score", "own_rank")


@dataclass(frozen=True, slots=True)
class Attacked:
    """How well members were told from others."""

    auc: float
    by_statistic: dict[str, float]
    """Each statistic alone, its direction taken from the shadows."""
    members: int

    @property
    def best(self) -> float:
        """What the attacker makes of all the statistics, or of the one that tells most."""
        return max(self.auc, *self.by_statistic.values())

    @property
    def error(self) -> float:
        """The standard error of an area under the curve where nothing tells members from as many others."""
        return float(np.sqrt((2 * self.members + 1) / (12 * self.members**2)))


def membership(dataset: AffinityDataset, learn: Learn, seed: int, shadows: int = SHADOWS) -> Attacked:
    """Attack a model learned from one half of these subjects, with shadows learned from halves of the rest.

    Half of the subjects are the target's members; the others are its strangers and the attacker's own.
    """
    active = np.unique(dataset.interactions.subject)
    counts = np.bincount(dataset.interactions.subject, minlength=dataset.subjects)
    judged = active[counts[active] >= FEWEST].astype(np.int64)
    return attacked(judged, partial(_told_apart, dataset, learn), STATISTICS, seed, shadows)


def attacked(judged: Ints, tell: Tell, names: Sequence[str], seed: int, shadows: int = SHADOWS) -> Attacked:
    """Attack any model; `tell` learns it from some of these people, and judges them and as many others."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(judged)
    half, quarter = len(order) // 2, len(order) // 4
    members, strangers, known = order[:half], order[half : half + quarter], order[half + quarter :]
    seen, labels = [], []
    for shadow in range(shadows):
        mixed = rng.permutation(known)
        inside, outside = mixed[: len(mixed) // 2], mixed[len(mixed) // 2 :]
        told, of = tell(inside, outside, seed + 1 + shadow)
        seen.append(told)
        labels.append(of)
    target, truth = tell(members, strangers, seed)
    return _judged(np.concatenate(seen), np.concatenate(labels), target, truth, names)


def _told_apart(
    dataset: AffinityDataset, learn: Learn, inside: Ints, outside: Ints, seed: int
) -> tuple[Floats, Ints]:
    """Statistics of those a model was learned from and of as many others (people, statistics), and which."""
    model = learn(dataset.of_subjects(np.sort(inside)), seed)
    # As many of either: what is more common is no sign of membership.
    sides = (inside[: len(outside)], outside)
    rows = [statistics(model, dataset.of_subjects(np.sort(who))) for who in sides]
    return np.concatenate(rows), np.repeat([1, 0], [len(rows[0]), len(rows[1])])


def statistics(model: LinearAffinity, people: AffinityDataset) -> Floats:
    """(people, statistics): how well the model foretells what each took up, left out and left in."""
    matrix = people.matrix().tocsr()
    of = np.repeat(np.arange(people.subjects), np.diff(matrix.indptr))
    what = matrix.indices.astype(np.int64)
    left_out = _left_out(model, people, of, what)
    whole = np.asarray(model.scores(people.batch()), dtype=np.float64)[of]
    out = np.stack([*_standing(left_out, what), *_standing(whole, what)[:2]], axis=1)
    sums = np.zeros((people.subjects, out.shape[1]))
    np.add.at(sums, of, out)
    found = sums / np.bincount(of, minlength=people.subjects)[:, None]
    lowest = np.full(people.subjects, np.inf)
    np.minimum.at(lowest, of, out[:, 0])
    return np.column_stack([found[:, :3], lowest, found[:, 3:]])


def _left_out(model: LinearAffinity, people: AffinityDataset, of: Ints, what: Ints) -> Floats:
    """(cells, items): the scores of each person as if one thing they took up were not known."""
    history = people.interactions
    found = np.empty((len(of), len(people.items)))
    step = 2_000
    for start in range(0, len(of), step):
        chunk = slice(start, start + step)
        own, gone = of[chunk], what[chunk]
        rows = [np.flatnonzero(history.subject == who) for who in own]
        rows = [at[history.item[at] != item] for at, item in zip(rows, gone, strict=True)]
        place = np.repeat(np.arange(len(rows)), [len(at) for at in rows])
        at = np.concatenate(rows) if rows else np.empty(0, dtype=np.int64)
        kept = Interactions(place.astype(np.int32), history.item[at], history.weight[at], history.time[at])
        days = np.full(len(own), np.nanmax(history.time))
        found[chunk] = model.scores(SubjectBatch(people.subject_features.rows(own), kept, people.items, days))
    return found


def _standing(scores: Floats, what: Ints) -> tuple[Floats, Floats, Floats]:
    """Of each cell's item among all: how many spreads above the mean, which share is below, the loss."""
    own = scores[np.arange(len(what)), what]
    spread = np.maximum(scores.std(axis=1), 1e-9)
    standard = (own - scores.mean(axis=1)) / spread
    below = (scores < own[:, None]).mean(axis=1)
    steady = (scores - scores.max(axis=1, keepdims=True)) / spread[:, None]
    loss = np.log(np.exp(steady).sum(axis=1)) - (own - scores.max(axis=1)) / spread
    return standard, below, -loss


def _judged(seen: Floats, labels: Ints, target: Floats, truth: Ints, names: Sequence[str]) -> Attacked:
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(seen)
    learned = LogisticRegression(C=1.0, max_iter=500).fit(scaler.transform(seen), labels)
    said = learned.predict_proba(scaler.transform(target))[:, 1]
    alone = {}
    for at, name in enumerate(names):
        forward = roc_auc_score(labels, seen[:, at]) >= 0.5
        alone[name] = float(roc_auc_score(truth, target[:, at] if forward else -target[:, at]))
    return Attacked(float(roc_auc_score(truth, said)), alone, int(truth.sum()))
