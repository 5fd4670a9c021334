"""A logistic model over many groups at once: what all share, and how each departs from it.

For a case of group g (an event, a policy) with signals x and indicators z the logit is
`a + a_g + (b + b_g) x + (c + c_g) z`. The shared part carries a group that is rare or new; the group's own
part, shrunk towards nothing, carries what is particular to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Cases:
    """Cases to learn from or to score: a group, dense signals, and a row of shared indicators each."""

    group: Ints
    """(cases,)."""
    signals: Floats
    """(cases, signals)."""
    row: Ints
    """(cases,) into `indicators`: several cases may concern one subject on one day."""
    indicators: sparse.csr_array
    """(subject days, indicators)."""

    def __len__(self) -> int:
        return len(self.group)

    def take(self, kept: npt.NDArray[np.integer] | npt.NDArray[np.bool_]) -> Cases:
        """Some of the cases, in the order asked for."""
        return Cases(self.group[kept], self.signals[kept], self.row[kept], self.indicators)


@dataclass(frozen=True, slots=True, eq=False)
class CrossedLogit:
    """The fitted coefficients, shared and own parts added up."""

    groups: tuple[str, ...]
    intercept: Floats
    """(groups,)."""
    by_signal: Floats
    """(groups, signals)."""
    by_indicator: Floats
    """(indicators, groups)."""

    def logits(self, cases: Cases) -> Floats:
        """(cases,)."""
        from_indicators = np.zeros(len(cases))
        for group in np.unique(cases.group):
            own = cases.group == group
            effect = cases.indicators @ self.by_indicator[:, group]
            from_indicators[own] = effect[cases.row[own]]
        signals = (cases.signals * self.by_signal[cases.group]).sum(axis=1)
        return np.asarray(self.intercept[cases.group] + signals + from_indicators, dtype=np.float64)

    def logits_of_one(self, signals: Floats, present: Ints) -> Floats:
        """One subject's logits for every group (groups,): signals (groups, signals), indicator columns."""
        return np.asarray(
            self.intercept + (signals * self.by_signal).sum(axis=1) + self.by_indicator[present].sum(axis=0),
            dtype=np.float64,
        )

    def arrays(self) -> dict[str, npt.NDArray[np.float64]]:
        """The coefficients by name, to be stored."""
        return {
            "intercept": self.intercept,
            "by_signal": self.by_signal,
            "by_indicator": self.by_indicator,
        }

    @classmethod
    def of(cls, groups: tuple[str, ...], arrays: Mapping[str, npt.NDArray[np.float64]]) -> CrossedLogit:
        """The model with stored coefficients. Raises KeyError for a missing one."""
        return cls(groups, arrays["intercept"], arrays["by_signal"], arrays["by_indicator"])


@dataclass(frozen=True, slots=True)
class CrossedLogitConfig:
    """How strongly coefficients are held towards nothing (larger: less), and when fitting stops."""

    inverse_penalty: float = 0.3
    own_scale: float = 0.5
    """How much cheaper shared effects are than a group's own: own columns enter scaled by this."""
    iterations: int = 300
    tolerance: float = 1e-3
    """Steepest slope of the mean loss left when fitting stops, as a share of the rate of outcomes."""
    negatives_per_positive: float = 12.0
    """Negatives kept for each positive; those kept weigh for those left out."""


def fit_crossed(
    cases: Cases,
    outcomes: npt.NDArray[np.bool_],
    groups: tuple[str, ...],
    config: CrossedLogitConfig,
    seed: int,
) -> CrossedLogit:
    """Maximum a posteriori. Raises ValueError unless both outcomes occur."""
    from sklearn.linear_model import LogisticRegression

    if not outcomes.any() or outcomes.all():
        raise ValueError(f"nothing to learn: {int(outcomes.sum())} of {len(outcomes)} cases happened")
    kept, weight = _kept(outcomes, config.negatives_per_positive, seed)
    some = cases.take(kept)
    scale = np.maximum(some.signals.std(axis=0), 1e-9)
    design = _design(some, len(groups), 1.0 / scale, config.own_scale)
    # The gradient is of the mean loss, so where outcomes are rare all of it is small.
    tolerance = config.tolerance * float(outcomes.mean())
    model = LogisticRegression(C=config.inverse_penalty, max_iter=config.iterations, tol=tolerance)
    model.fit(design, outcomes[kept], sample_weight=weight)
    return _unfolded(model.coef_[0], float(model.intercept_[0]), groups, scale, config.own_scale)


def _kept(
    outcomes: npt.NDArray[np.bool_], per_positive: float, seed: int
) -> tuple[npt.NDArray[np.int64], Floats]:
    """All positives and a sample of negatives, with weights that make up for those left out."""
    negatives = np.flatnonzero(~outcomes)
    wanted = min(len(negatives), max(2000, round(per_positive * int(outcomes.sum()))))
    sampled = np.random.default_rng(seed).choice(negatives, wanted, replace=False)
    kept = np.sort(np.concatenate([np.flatnonzero(outcomes), sampled]))
    return kept, np.where(outcomes[kept], 1.0, len(negatives) / max(wanted, 1))


def _design(cases: Cases, groups: int, scale: Floats, own: float) -> sparse.csr_array:
    """Columns: own intercept, shared signals, own signals, shared indicators, own indicators."""
    rows = np.arange(len(cases))
    signals = cases.signals * scale
    indicators = cases.indicators[cases.row].tocsr()
    width, columns = signals.shape[1], indicators.shape[1]
    one_hot = sparse.csr_array((np.ones(len(cases)), (rows, cases.group)), shape=(len(cases), groups))
    at = cases.group[:, None] * width + np.arange(width)
    crossed = sparse.csr_array(
        (own * signals.ravel(), (np.repeat(rows, width), at.ravel())), shape=(len(cases), groups * width)
    )
    group_of_cell = np.repeat(cases.group, np.diff(indicators.indptr)).astype(np.int64)
    own_indicators = sparse.csr_array(
        (own * indicators.data, indicators.indices + group_of_cell * columns, indicators.indptr),
        shape=(len(cases), groups * columns),
    )
    blocks = [one_hot, sparse.csr_array(signals), crossed, indicators, own_indicators]
    return sparse.csr_array(sparse.hstack(blocks, format="csr"))


def _unfolded(
    coefficients: Floats, intercept: float, groups: tuple[str, ...], scale: Floats, own: float
) -> CrossedLogit:
    count, width = len(groups), len(scale)
    columns = (len(coefficients) - count - width - count * width) // (count + 1)
    ends = np.cumsum([count, width, count * width, columns])
    own_intercept, shared, crossed, indicators, own_indicators = np.split(coefficients, ends)
    return CrossedLogit(
        groups,
        intercept + own_intercept,
        (shared + own * crossed.reshape(count, width)) / scale,
        indicators[:, None] + own * own_indicators.reshape(count, columns).T,
    )
