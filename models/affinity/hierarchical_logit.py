"""Multinomial logit on products of features at every depth, shrunk by what each kind of product tells."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from models.affinity.dataset import AffinityDataset
from models.affinity.hierarchy import HierarchicalTerms, Hierarchy
from models.affinity.linear import LinearAffinity, LinearBlock, frozen
from models.affinity.softmax import maximise, prior_log_odds
from models.affinity.targets import Target, active

MOST_CELLS = 1_000_000
"""Subjects times items learned from; every step takes a softmax over all of them."""


@dataclass(frozen=True, slots=True)
class HierarchicalLogit:
    """Where the plain logit is told how hard to hold back its terms, this one estimates it by group."""

    name: str = "hierarchical_logit"
    terms: HierarchicalTerms = field(default_factory=HierarchicalTerms)
    strength: float = 200.0
    """Variance of a log odds for one of a root of a share, in which variances are estimated."""
    subject_power: float = 0.7
    """A subject with n interactions counts n to this power: 1 trusts counts as independent draws."""
    iterations: int = 60

    def fit(self, dataset: AffinityDataset, *, seed: int) -> LinearAffinity:
        """Estimate the variances, then maximise the penalised likelihood by L-BFGS from zero."""
        items = dataset.items
        if not len(active(dataset)):
            return LinearAffinity(items, (), frozen(np.zeros(len(items))))
        most = max(MOST_CELLS // max(len(items), 1), 1)
        known = Hierarchy.of(dataset, self.terms, Target.ROOT_SHARE, most, seed)
        total = known.total[:, None]
        labels = known.counts / total * total**self.subject_power
        prior = prior_log_odds(labels)
        penalties = 1.0 / (self.strength * np.maximum(known.variances.of_column, 1e-9))
        rows = known.rows.astype(np.float64)
        weights = maximise(rows, labels, prior, penalties, None, self.iterations)
        return LinearAffinity(items, (LinearBlock(known.encoder, frozen(weights)),), frozen(prior))
