"""Multinomial logit of which item is taken, on a subject's features and their products."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import linalg

from models.affinity.dataset import AffinityDataset
from models.affinity.linear import LinearAffinity, LinearBlock, frozen
from models.affinity.softmax import maximise, prior_log_odds
from models.affinity.sparse_rows import dense
from models.affinity.targets import FeatureTerms, active

Matrix = npt.NDArray[np.float64]
MOST_CELLS = 4_000_000
"""Subjects times items learned from; beyond it a seeded sample, as each step is a softmax over all."""


@dataclass(frozen=True, slots=True)
class DemographicLogit:
    """Weighted counts are the labels, so a cell of many people and a single person are alike to it."""

    name: str = "demographic_logit"
    terms: FeatureTerms = field(
        default_factory=lambda: FeatureTerms(regularisation=1.0, product_regularisation=1.0)
    )
    subject_power: float = 0.5
    """A subject with n interactions counts n to this power: 1 trusts counts as independent draws."""
    sharing: float = 0.0
    """How far items that go together are predicted together, as in the ridge; 0 treats each alone."""
    iterations: int = 80

    def fit(self, dataset: AffinityDataset, *, seed: int) -> LinearAffinity:
        """Maximise the penalised likelihood by L-BFGS from zero."""
        who = active(dataset)
        most = max(MOST_CELLS // max(len(dataset.items), 1), 1)
        if len(who) > most:
            who = np.sort(np.random.default_rng(seed).choice(who, most, replace=False))
        encoder = self.terms.encoder(dataset.subject_features.rows(who))
        rows = encoder.encode(dataset.batch().rows(who)).astype(np.float64)
        counts = dense(dataset.matrix()[who])
        total = counts.sum(axis=1, keepdims=True)
        labels = counts / np.maximum(total, 1e-9) * total**self.subject_power
        prior = prior_log_odds(labels)
        mixing = _mixing(counts, self.sharing)
        penalties = self.terms.penalties(encoder, rows)
        weights = maximise(rows, labels, prior, penalties, mixing, self.iterations)
        return LinearAffinity(dataset.items, (LinearBlock(encoder, frozen(weights)),), frozen(prior))


SMOOTHING = 20.0
"""Interactions of the average subject added to each before shares are compared between subjects."""


def _mixing(counts: Matrix, sharing: float) -> Matrix | None:
    """(directions, items): what items have in common in how subjects differ, the strongest unscaled."""
    if sharing == 0.0:
        return None
    total = counts.sum(axis=1, keepdims=True)
    average = counts.sum(axis=0) / counts.sum()
    shares = (counts + SMOOTHING * average) / (total + SMOOTHING)
    logs = np.log(shares + 1e-6)
    variance, directions = linalg.eigh(np.cov(logs, rowvar=False), check_finite=False)
    strength = np.maximum(variance / variance[-1], 1e-9) ** (sharing / 2)
    return np.asarray((directions * strength).T)
