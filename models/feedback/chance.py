"""The chance of each of several items to be the one most often taken, as far as is known (Thompson)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from scipy import stats

NODES: Final = 256


@dataclass(frozen=True, slots=True)
class Exposure:
    """How often an item was shown and how often it was then taken; None where that is not told."""

    shown: int = 0
    taken: int | None = 0

    def __post_init__(self) -> None:
        """Raise ValueError for counts that cannot be."""
        if not 0 <= (self.taken or 0) <= self.shown:
            raise ValueError(f"taken {self.taken} times of {self.shown} shown")


@lru_cache(maxsize=4096)
def chances_of_best(exposures: tuple[Exposure, ...], prior: tuple[float, float]) -> tuple[float, ...]:
    """By exposure, the probability that its rate is the highest; they sum to 1.

    Rates are independent with a Beta posterior each; of what is not told the prior stands. The integral
    over the best rate is taken on a grid of quantiles; whoever draws by these numbers knows its
    propensities exactly, however coarse the grid.
    """
    if not exposures:
        return ()
    told = [(0, 0) if one.taken is None else (one.taken, one.shown - one.taken) for one in exposures]
    taken, missed = (np.array(told, dtype=np.float64) + prior).T
    at = (np.arange(NODES) + 0.5) / NODES
    best = np.empty(len(exposures))
    for one in range(len(exposures)):
        rate = stats.beta.ppf(at, taken[one], missed[one])
        others = np.arange(len(exposures)) != one
        below = stats.beta.cdf(rate[:, None], taken[others], missed[others])
        best[one] = np.prod(below, axis=1).mean()
    return tuple((best / best.sum()).tolist())
