"""The chance that a row is clicked once it is looked at, learned from rows that may not have been.

Regression by expectation-maximisation (the position-based click model): a row that was not clicked was
either not looked at or not attractive, and counts as both in part. Examination is given or learned along.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy import sparse

from models.off_policy.totals import Floats, Ints

ROUNDS: Final = 8
"""Where examination is given."""
ROUNDS_TO_LEARN: Final = 24
"""Where it is learned along, which converges slowly."""
INVERSE_PENALTY: Final = 0.1
SURE: Final = 1e-6
LEAST: Final = 0.02
"""No place is held to be looked at less often than this, beside the first."""


@dataclass(frozen=True, slots=True)
class Attraction:
    """A fitted model, with the examination it was fitted with."""

    model: Any
    examination: Floats

    def of(self, features: sparse.csr_array) -> Floats:
        """(rows,) the chance of a click at a place that is looked at as often as the first."""
        return np.asarray(self.model.predict_proba(features)[:, 1], dtype=np.float64)


def fit_attraction(
    features: sparse.csr_array,
    position: Ints,
    reward: Floats,
    relative: Floats,
    *,
    learn_examination: bool = False,
) -> Attraction:
    """Fit on rows shown at places whose relative examination is `relative` (the start, where it is learned).

    Raises ValueError where nothing or everything was clicked.
    """
    clicked = reward > 0
    if clicked.all() or not clicked.any():
        raise ValueError("attraction is learned from rows some of which were clicked and some not")
    looked = np.clip(relative, LEAST, 1.0)
    guess = np.full(len(reward), float(np.mean(clicked)))
    model: Any = None
    for _ in range(ROUNDS_TO_LEARN if learn_examination else ROUNDS):
        at = looked[position - 1]
        neither = np.clip(1.0 - at * guess, SURE, None)
        wanted = np.where(clicked, 1.0, (1.0 - at) * guess / neither)
        if learn_examination:
            # What attraction alone would have brought at each place, against what came.
            clicks = np.bincount(position - 1, weights=reward, minlength=len(looked))
            hoped = np.bincount(position - 1, weights=guess, minlength=len(looked))
            rate = clicks / np.maximum(hoped, SURE)
            looked = np.clip(rate / rate[0], LEAST, 1.0)
        model = _fitted(features, wanted, model)
        guess = np.clip(model.predict_proba(features)[:, 1], SURE, 1 - SURE)
    return Attraction(model, looked)


def _fitted(features: sparse.csr_array, wanted: Floats, before: Any) -> Any:
    """A logit on soft labels: every row twice, wanted and not, by its share of each."""
    from sklearn.linear_model import LogisticRegression

    model = before or LogisticRegression(C=INVERSE_PENALTY, max_iter=60, warm_start=True)
    twice = sparse.vstack([features, features], format="csr")
    label = np.repeat([1, 0], len(wanted))
    with warnings.catch_warnings():
        # Each round goes on from the last, so that no single one need converge.
        warnings.simplefilter("ignore")
        model.fit(twice, label, sample_weight=np.concatenate([wanted, 1.0 - wanted]))
    return model


def cross_fitted(
    features: sparse.csr_array,
    position: Ints,
    reward: Floats,
    cluster: Ints,
    relative: Floats,
    folds: int = 2,
) -> Floats:
    """(rows,) each row's attraction by a model that never saw its subject."""
    out = np.empty(len(reward))
    for fold in range(folds):
        mine = cluster % folds == fold
        rest = np.flatnonzero(~mine)
        model = fit_attraction(features[rest], position[rest], reward[rest], relative)
        out[mine] = model.of(features[np.flatnonzero(mine)])
    return out
