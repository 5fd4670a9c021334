"""Random effects of products of features on how often an item is taken, each item with its own variances."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from models.affinity.dataset import AffinityDataset
from models.affinity.hierarchy import HierarchicalTerms, Hierarchy
from models.affinity.linear import LinearAffinity, LinearBlock, frozen
from models.affinity.random_effects import Kernels
from models.affinity.sparse_rows import dense
from models.affinity.targets import Target, active
from models.affinity.variance_components import (
    Matrix,
    groups_of_terms,
    main_directions,
    posterior_mean,
    weighted_mean,
)

Member = npt.NDArray[np.intp]
"""Each column's group of terms, as a number."""
MOST_ROWS = 700
"""Subjects learned from; beyond it a seeded sample, as each item takes several dense systems of as many."""
FLOOR = 0.005
"""Added to an item's average share before it divides, so that rare items are not thrown about."""
OWN = 0.15
"""Variance to begin with of a log rate that is a subject's own."""


@dataclass(frozen=True, slots=True)
class HierarchicalPoisson:
    """Where the hierarchical logit shares its variances, here what an item follows is the item's own.

    Counts vary more between subjects than chance would have it: each subject has an effect of its own on
    each item, so that a hundred interactions of one are not taken for a hundred subjects'.
    """

    name: str = "hierarchical_poisson"
    terms: HierarchicalTerms = field(default_factory=HierarchicalTerms)
    most_items: int = 60
    """Items, the most taken, that are fitted one by one; the others follow the common ridge."""

    def fit(self, dataset: AffinityDataset, *, seed: int) -> LinearAffinity:
        """Estimate the common variances, then each frequent item's own and its effects."""
        items = dataset.items
        if not len(active(dataset)):
            return LinearAffinity(items, (), frozen(np.zeros(len(items))))
        known = Hierarchy.of(dataset, self.terms, Target.ROOT_SHARE, MOST_ROWS, seed)
        usual = weighted_mean(known.counts / known.total[:, None], known.total)
        bias, weights = np.log(usual + 1e-4), _common(known, usual)
        member, groups = groups_of_terms(known.encoder)
        columns = [known.rows[:, np.flatnonzero(member == group)] for group in range(groups)]
        kernels = Kernels(np.stack([dense(each @ each.T) for each in columns]))
        pooled = _pooled(known, usual, member, groups)
        for item in np.argsort(-usual, kind="stable")[: self.most_items]:
            exposure = known.total * (usual[item] + 1e-4)
            found = kernels.effects(known.counts[:, item], exposure, pooled[:, item])
            weights[:, item] = np.exp(found.logs[member]) * (known.rows.T @ found.dual)
            bias[item] += found.mean
        return LinearAffinity(items, (LinearBlock(known.encoder, frozen(weights)),), frozen(bias))


def _common(known: Hierarchy, usual: Matrix) -> Matrix:
    """Weights (inputs, items) of the ridge with common variances on roots of shares, as log odds."""
    deviation = known.targets - weighted_mean(known.targets, known.total)
    noise = known.variances.noise(known.total)
    weights = posterior_mean(known.rows, known.variances.of_column, noise, deviation)
    return np.asarray(weights * 2.0 / np.sqrt(usual + FLOOR))


def _pooled(known: Hierarchy, usual: Matrix, member: Member, groups: int) -> Matrix:
    """(groups + 1, items): logarithms of the common variances, from roots of shares to log rates.

    An item that varies more than the main directions do has all of them larger by as much.
    """
    first = np.array([np.flatnonzero(member == group)[0] for group in range(groups)])
    of_group = np.log(np.maximum(known.variances.of_column[first], 1e-9))
    main = main_directions(known.targets, known.total).var(axis=0).mean()
    spread = np.maximum(known.targets.var(axis=0) / max(float(main), 1e-9), 1e-6)
    pooled = of_group[:, None] + np.log(4.0 * spread / (usual + FLOOR))
    return np.vstack([pooled, np.full(len(usual), np.log(OWN))])
