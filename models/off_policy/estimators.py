"""What a page of the target policy would bring on average: IPS, SNIPS, the direct model, doubly robust."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from models.off_policy.overlap import Overlap, overlap_of
from models.off_policy.reweighted import Reweighted
from models.off_policy.totals import Estimated, Floats, Statistic, bootstrapped, jackknifed, totals_by

Method = Literal["ips", "snips", "dm", "dr"]
METHODS: Final[tuple[Method, ...]] = ("ips", "snips", "dm", "dr")


@dataclass(frozen=True, slots=True)
class Evaluated:
    """One target policy: the reward a slate by estimator, and whether the log says enough of it."""

    estimates: Mapping[Method, Estimated]
    overlap: Overlap

    @property
    def trusted(self) -> bool:
        """Whether the log overlaps enough with the target for its estimates to be used."""
        return not self.overlap.faults


def evaluate(data: Reweighted, *, by_chance: bool = True, resamples: int = 0, seed: int = 0) -> Evaluated:
    """Every estimator on one log; intervals by jackknife, or by the bootstrap with so many resamples.

    `by_chance` says that weights are ratios of chances to show, which average one; other weights (of how
    often places are looked at) do not, so there is no normalising by them.

    An overlap that is too thin is marked, not hidden: see `Evaluated.overlap`. The direct model alone
    stands with the model; IPS and DR are unbiased wherever the propensities are right. Raises ValueError
    for fewer than two subjects.
    """
    found: dict[Method, Estimated] = {}
    for method in METHODS:
        if method == "snips" and not by_chance:
            continue
        totals, statistic = _parts(data, method)
        if resamples:
            found[method] = bootstrapped(totals, statistic, resamples, seed)
        else:
            found[method] = jackknifed(totals, statistic)
    return Evaluated(found, overlap_of(data, by_chance=by_chance))


def _parts(data: Reweighted, method: Method) -> tuple[Floats, Statistic]:
    if method == "snips":
        return _normalised_parts(data)
    slates = np.zeros(len(data.cluster))
    if method in ("ips", "dr"):
        surprise = data.reward - (data.expected if method == "dr" else 0.0)
        np.add.at(slates, data.slate, data.weight * surprise)
    if method in ("dm", "dr"):
        slates += data.expected_target
    columns = np.column_stack([slates, np.ones(len(slates))])
    return totals_by(data.cluster, data.clusters, columns), _mean


def _mean(totals: Floats) -> Floats:
    return np.asarray(totals[:, 0] / totals[:, 1])


def _normalised_parts(data: Reweighted) -> tuple[Floats, Statistic]:
    """Weights are made to average one at each place, whose mean reward counts by how often it is shown."""
    places = int(data.position.max(initial=1))
    at = np.eye(places)[data.position - 1]
    rows = np.hstack(
        [at * (data.weight * data.reward)[:, None], at * data.weight[:, None], at, np.zeros((len(at), 1))]
    )
    totals = totals_by(data.row_cluster, data.clusters, rows)
    totals[:, -1] = np.bincount(data.cluster, minlength=data.clusters)

    def statistic(sums: Floats) -> Floats:
        rewards, weights = sums[:, :places], sums[:, places : 2 * places]
        seen, slates = sums[:, 2 * places : 3 * places], sums[:, -1:]
        mean = np.divide(rewards, weights, out=np.zeros_like(rewards), where=weights > 0)
        return np.asarray((mean * seen / slates).sum(axis=1))

    return totals, statistic
