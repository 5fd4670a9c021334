"""Random effects of products of features at every depth: the ridge that finds its own penalties."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from models.affinity.dataset import AffinityDataset
from models.affinity.hierarchy import HierarchicalTerms, Hierarchy
from models.affinity.linear import LinearAffinity, LinearBlock, frozen
from models.affinity.targets import Target, active
from models.affinity.variance_components import posterior_mean, weighted_mean

MOST_ROWS = 2_000
"""Subjects learned from; beyond it a seeded sample, as the system solved is dense in them."""


@dataclass(frozen=True, slots=True)
class HierarchicalRidge:
    """The best linear prediction of take-up under variances estimated from the data."""

    name: str = "hierarchical_ridge"
    terms: HierarchicalTerms = field(default_factory=HierarchicalTerms)
    target: Target = Target.TAKEN

    def fit(self, dataset: AffinityDataset, *, seed: int) -> LinearAffinity:
        """Estimate the variances, then solve."""
        items = dataset.items
        if not len(active(dataset)):
            return LinearAffinity(items, (), frozen(np.zeros(len(items))))
        known = Hierarchy.of(dataset, self.terms, self.target, MOST_ROWS, seed)
        mean = weighted_mean(known.targets, known.total)
        noise = known.variances.noise(known.total)
        weights = posterior_mean(known.rows, known.variances.of_column, noise, known.targets - mean)
        return LinearAffinity(items, (LinearBlock(known.encoder, frozen(weights)),), frozen(mean))
