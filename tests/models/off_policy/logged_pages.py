"""Pages whose readers follow the position-based click model, so that every truth is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.off_policy.totals import Floats, Ints

LOOKS = np.array([0.9, 0.7, 0.5, 0.35])
ITEMS, PLACES = 8, len(LOOKS)


@dataclass(frozen=True)
class Log:
    """Slates of the first places, logged by a policy that is random in part, and the truth behind them."""

    slate: Ints
    item: Ints
    position: Ints
    propensity: Floats
    click: Floats
    cluster: Ints
    wish: Floats
    """(slates, items) the chance of a click once looked at."""
    base: Ints
    """(slates, items) the place each item has in the base order, from 1."""
    uniform: float

    def value(self, place: Ints) -> float:
        """The true mean of clicks a slate, were each item (slates, items) at these places."""
        looked = np.where(place <= PLACES, LOOKS[np.minimum(place, PLACES) - 1], 0.0)
        return float((looked * self.wish).sum(axis=1).mean())

    def weight(self, place: Ints) -> Floats:
        """(rows,) the weight of each logged row for a policy that puts items at these places."""
        return np.asarray((place[self.slate, self.item] == self.position) / self.propensity, dtype=np.float64)


def logged(seed: int, subjects: int = 150, uniform: float = 0.4) -> Log:
    """The pages of some subjects, a few each; the base order prefers what is liked, but not exactly."""
    rng = np.random.default_rng(seed)
    cluster = np.sort(rng.integers(0, subjects, subjects * 4))
    cluster = np.unique(cluster, return_inverse=True)[1].astype(np.int64)
    liking = rng.normal(-1.6, 0.7, ITEMS) + rng.normal(0, 0.6, (subjects, ITEMS))[cluster]
    wish = 1 / (1 + np.exp(-liking))
    base = places_by(liking + rng.normal(0, 1.0, liking.shape))
    drawn = places_by(rng.random(liking.shape))
    place = np.where(rng.random((len(cluster), 1)) < uniform, drawn, base)
    slate, item = np.nonzero(place <= PLACES)
    position = place[slate, item]
    propensity = (1 - uniform) * (base[slate, item] == position) + uniform / ITEMS
    looks = rng.random(len(slate)) < LOOKS[position - 1]
    click = (looks & (rng.random(len(slate)) < wish[slate, item])).astype(np.float64)
    return Log(slate, item, position, propensity, click, cluster, wish, base, uniform)


def places_by(score: Floats) -> Ints:
    """Places from 1 by score, highest first, row by row."""
    return np.argsort(np.argsort(-score, axis=1), axis=1) + 1
