"""How likely each place of a page is to be looked at, beside the first, as the log alone tells.

Where the logging policy draws at random, the same item comes to stand at different places for no reason of
its own, and dividing by the chance it had there makes the places comparable: what is left of their
difference in clicks is how much they are looked at (intervention harvesting with known propensities).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.off_policy.totals import Floats, Ints, jackknifed, totals_by


@dataclass(frozen=True, slots=True)
class Examination:
    """By place from the first: the chance to be looked at over that of the first, and its standard error."""

    relative: Floats
    """(places,) the first is 1."""
    error: Floats
    """(places,) of the first 0."""

    def at(self, position: Ints) -> Floats:
        """The relative chance at places counted from 1."""
        return np.asarray(self.relative[position - 1])


def bias_totals(position: Ints, reward: Floats, propensity: Floats, places: int) -> Floats:
    """(rows, 2 * places): what `relative_of` needs of each row, to be summed as one likes.

    Raises ValueError for a propensity beyond 0 to 1.
    """
    if ((propensity <= 0) | (propensity > 1)).any():
        raise ValueError("a propensity lies above 0 and is at most 1")
    at = np.eye(places)[position - 1]
    return np.hstack([at * (reward / propensity)[:, None], at / propensity[:, None]])


def relative_of(totals: Floats) -> Floats:
    """Sums of `bias_totals` (any, 2 * places) to relative examination (any, places); NaN is unknown."""
    places = totals.shape[1] // 2
    rewards, weights = totals[:, :places], totals[:, places:]
    rate = np.divide(rewards, weights, out=np.full_like(rewards, np.nan), where=weights > 0)
    first = np.where(rate[:, :1] > 0, rate[:, :1], np.nan)
    return np.asarray(rate / first)


def examination(position: Ints, reward: Floats, propensity: Floats, cluster: Ints) -> Examination:
    """The examination by place of logged rows, `cluster` numbering the subject of each row from 0.

    Raises ValueError where a place was never clicked: the log says nothing of it.
    """
    places = int(position.max(initial=1))
    rows = bias_totals(position, reward, propensity, places)
    totals = totals_by(cluster, int(cluster.max(initial=-1)) + 1, rows)
    found = [jackknifed(totals, lambda sums, k=k: relative_of(sums)[:, k]) for k in range(places)]  # type: ignore[misc]
    relative = np.array([one.value for one in found])
    if not np.isfinite(relative).all():
        raise ValueError("a place was never clicked: the log is too short to tell how often it is looked at")
    return Examination(relative, np.array([one.error for one in found]))
