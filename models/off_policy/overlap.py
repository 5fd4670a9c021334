"""Whether a log says enough of another policy: how many of its rows still count, and how heavily."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from models.off_policy.reweighted import Reweighted

LEAST_EFFECTIVE: Final = 100.0
"""Rows a log must be worth for the target policy."""
LARGEST_SHARE: Final = 0.05
"""Of all weight, what one subject may have."""
FARTHEST_MEAN: Final = 4.0
"""Standard errors by which the mean weight may miss 1, which is what it is where propensities are right."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """The diagnostics of one reweighted log."""

    rows: int
    effective_rows: float
    """Rows of equal weight that would tell as much (Kish)."""
    largest_share: float
    """Of all weight, the share of the heaviest subject."""
    mean_weight: float
    mean_weight_error: float
    unseen_share: float
    """Rows the target would never show there."""
    faults: tuple[str, ...]
    """Codes: few_effective_rows, one_subject_dominates, weights_do_not_average_one, nothing_shared."""


def overlap_of(data: Reweighted, *, by_chance: bool = True) -> Overlap:
    """The diagnostics; an empty `faults` means that estimates may be used.

    `by_chance` says that weights are ratios of chances to show, so that they average one.
    """
    weight, rows = data.weight, len(data.weight)
    total = float(weight.sum())
    if not rows or total <= 0:
        return Overlap(rows, 0.0, 1.0, 0.0, 0.0, 1.0, ("nothing_shared",))
    effective = total**2 / float((weight**2).sum())
    by_subject = np.bincount(data.row_cluster, weights=weight, minlength=data.clusters)
    counted = np.bincount(data.row_cluster, minlength=data.clusters)
    mean = total / rows
    error = float(np.sqrt(((by_subject - mean * counted) ** 2).sum())) / rows
    share = float(by_subject.max()) / total
    faults = []
    if effective < LEAST_EFFECTIVE:
        faults.append("few_effective_rows")
    if share > LARGEST_SHARE:
        faults.append("one_subject_dominates")
    if by_chance and error > 0 and abs(mean - 1) > FARTHEST_MEAN * error:
        faults.append("weights_do_not_average_one")
    return Overlap(rows, effective, share, mean, error, float((weight == 0).mean()), tuple(faults))
