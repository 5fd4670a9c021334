"""Means with how sure one can be of them: bootstrap over subjects, who are the independent cases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
RESAMPLES = 1000
CONFIDENCE = 0.95
NORMAL = 1.96
MOST_RESAMPLED = 20_000
"""Cases beyond which the mean is as good as normal and resampling would only cost memory."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over cases, its standard error and its 95 % bootstrap interval."""

    mean: float
    error: float
    low: float
    high: float
    cases: int


def estimate(values: Floats, seed: int) -> Estimate:
    """The mean of one value a case. Raises ValueError without a case or with a NaN among them."""
    if not len(values) or not np.isfinite(values).all():
        raise ValueError("an estimate needs at least one case, and no NaN")
    size = len(values)
    mean = float(values.mean())
    if size > MOST_RESAMPLED:
        error = float(values.std(ddof=1) / np.sqrt(size))
        return Estimate(mean, error, mean - NORMAL * error, mean + NORMAL * error, size)
    # Resampling cases is multinomial in how often each is drawn; one product gives every resample's mean.
    drawn = np.random.default_rng(seed).multinomial(size, np.full(size, 1 / size), RESAMPLES)
    means = drawn @ values / size
    low, high = np.quantile(means, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Estimate(mean, float(means.std(ddof=1)), float(low), float(high), size)


def mean_by(owner: npt.NDArray[np.int64], values: Floats, owners: int) -> Floats:
    """The mean of each owner's values (owners,); NaN for an owner without any."""
    counted = np.bincount(owner, minlength=owners)
    total = np.bincount(owner, weights=values, minlength=owners)
    means = np.divide(total, counted, out=np.full(owners, np.nan), where=counted > 0)
    return np.asarray(means, dtype=np.float64)
