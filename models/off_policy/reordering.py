"""What the same items in another order would have brought, by how often the places are looked at.

Needs no propensities of the target: whatever stood at one place and was clicked would have been clicked at
another in the ratio of their examination. That ratio is estimated from the same log, and its uncertainty
is in the interval.
"""

from __future__ import annotations

import numpy as np

from models.off_policy.position_bias import bias_totals, relative_of
from models.off_policy.reweighted import Reweighted
from models.off_policy.totals import Estimated, Floats, Ints, jackknifed, totals_by


def order_within(slate: Ints, score: Floats, position: Ints) -> Ints:
    """(rows,) the place each row gets when its slate is ordered by score, highest first.

    The places given are those the slate's rows had: what was not logged, or must not move, keeps its own.
    Ties keep the order the rows stood in.
    """
    by_score = np.lexsort((position, -score, slate))
    by_place = np.lexsort((position, slate))
    places = np.empty(len(slate), dtype=np.int64)
    places[by_score] = position[by_place]
    return places


def reordered(
    slate: Ints, position: Ints, moved: Ints, reward: Floats, propensity: Floats, cluster: Ints
) -> Estimated:
    """The mean reward a slate, had each row stood at `moved` instead of `position` (both from 1).

    `cluster` numbers the subject of each slate. Raises ValueError where a place was never clicked.
    """
    places = int(max(position.max(initial=1), moved.max(initial=1)))
    pairs = np.zeros((len(slate), places * places))
    pairs[np.arange(len(slate)), (position - 1) * places + moved - 1] = reward
    bias = bias_totals(position, reward, propensity, places)
    clusters = int(cluster.max(initial=-1)) + 1
    totals = totals_by(cluster[slate], clusters, np.hstack([bias, pairs, np.zeros((len(slate), 1))]))
    totals[:, -1] = np.bincount(cluster, minlength=clusters)

    def statistic(sums: Floats) -> Floats:
        looked = relative_of(sums[:, : 2 * places])
        cells = sums[:, 2 * places : -1].reshape(-1, places, places)
        ratio = looked[:, None, :] / looked[:, :, None]
        return np.asarray((np.where(cells > 0, cells * ratio, 0.0)).sum(axis=(1, 2)) / sums[:, -1])

    found = jackknifed(totals, statistic)
    if not np.isfinite(found.value):
        raise ValueError("a place was never clicked: the log is too short to tell how often it is looked at")
    return found


def reweighted_order(
    slate: Ints,
    position: Ints,
    moved: Ints,
    reward: Floats,
    relative: Floats,
    attraction: Floats,
    cluster: Ints,
) -> Reweighted:
    """The same question for the general estimators, with given examination and a direct model."""
    before, after = relative[position - 1], relative[moved - 1]
    expected_target = np.zeros(len(cluster))
    np.add.at(expected_target, slate, after * attraction)
    return Reweighted(slate, position, reward, after / before, cluster, before * attraction, expected_target)
