"""Estimates that are functions of totals over clusters, with how sure one can be of them.

A cluster is whoever acts independently of the others: a subject with all their pages. Every estimator is
written as a function of sums over clusters, so that leaving one out (the jackknife) or drawing them anew
(the bootstrap) costs one subtraction or one product.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse, stats

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Statistic = Callable[[Floats], Floats]
"""Totals (any, columns) to values (any,)."""

CONFIDENCE: Final = 0.95
CHUNK: Final = 256


@dataclass(frozen=True, slots=True)
class Estimated:
    """A value, its standard error and its 95 % interval."""

    value: float
    error: float
    low: float
    high: float
    clusters: int


def totals_by(cluster: Ints, clusters: int, columns: Floats) -> Floats:
    """The sums of rows (rows, columns) by their cluster: (clusters, columns)."""
    rows = np.arange(len(cluster))
    belongs = sparse.csr_array((np.ones(len(rows)), (cluster, rows)), shape=(clusters, len(rows)))
    return np.asarray(belongs @ columns, dtype=np.float64)


def jackknifed(totals: Floats, statistic: Statistic) -> Estimated:
    """The statistic of all clusters, its error by leaving each out in turn, a t interval around it.

    Raises ValueError below two clusters.
    """
    count = len(totals)
    if count < 2:
        raise ValueError("an interval needs two independent subjects at least")
    whole = totals.sum(axis=0, keepdims=True)
    value = float(statistic(whole)[0])
    without = np.concatenate([statistic(whole - totals[at : at + CHUNK]) for at in range(0, count, CHUNK)])
    error = float(np.sqrt((count - 1) / count * np.sum((without - without.mean()) ** 2)))
    reach = float(stats.t.ppf((1 + CONFIDENCE) / 2, count - 1)) * error
    return Estimated(value, error, value - reach, value + reach, count)


def bootstrapped(totals: Floats, statistic: Statistic, resamples: int, seed: int) -> Estimated:
    """The statistic of all clusters, with its error and percentile interval over clusters drawn anew."""
    count = len(totals)
    if count < 2:
        raise ValueError("an interval needs two independent subjects at least")
    draws = np.random.default_rng(seed)
    value = float(statistic(totals.sum(axis=0, keepdims=True))[0])
    found = []
    for at in range(0, resamples, CHUNK):
        size = min(CHUNK, resamples - at)
        found.append(statistic(draws.multinomial(count, np.full(count, 1 / count), size) @ totals))
    values = np.concatenate(found)
    low, high = np.quantile(values, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Estimated(value, float(values.std(ddof=1)), float(low), float(high), count)
