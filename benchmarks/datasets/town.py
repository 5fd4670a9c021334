"""Any number of made-up subjects whose take-up follows what they are, in a fixed share of interactions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.affinity.dataset import AffinityDataset, Features, Interactions
from models.affinity.sparse_rows import Csr, csr_of_cells

GROUPS = {"district": 16, "age": 8, "occupation": 12, "sex": 2}
TASTES = 64
THEMES = 20
LEAST, MOST = 10, 30
"""Interactions of one subject; on average 20."""
FIRST_DAY, DAYS = 19_700.0, 730.0


@dataclass(frozen=True, slots=True, eq=False)
class Town:
    """What is learned from, and for each subject one more item it would have taken up."""

    data: AffinityDataset
    withheld: npt.NDArray[np.int32]


def made(subjects: int, items: int, seed: int) -> Town:
    """Subjects lean to a taste by their features; a taste is a distribution over items. Even `subjects`."""
    rng = np.random.default_rng(seed)
    levels = np.stack([rng.integers(size, size=subjects) for size in GROUPS.values()], axis=1)
    taste = _tastes(levels, rng)
    half = rng.integers(LEAST, MOST + 1, size=subjects // 2)
    number = np.concatenate([half, LEAST + MOST - half])
    subject = np.repeat(np.arange(subjects, dtype=np.int32), number)
    liking = _likings(items, rng)
    item = _drawn(taste[subject], liking, rng)
    day = FIRST_DAY + DAYS * rng.random(len(subject))
    names = tuple(f"{group}={level}" for group, size in GROUPS.items() for level in range(size))
    data = AffinityDataset(
        Features(_indicators(levels), names),
        Features.from_indicators([[f"theme={at % THEMES}"] for at in range(items)]),
        Interactions(subject, item, np.ones(len(subject), np.float32), day),
        tuple(f"item-{at:05d}" for at in range(items)),
    )
    return Town(data, _drawn(taste, liking, rng))


def _tastes(levels: npt.NDArray[np.int64], rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Each subject's taste: the highest of its features' leanings and some chance (Gumbel)."""
    best = np.full(len(levels), -np.inf, dtype=np.float32)
    taste = np.zeros(len(levels), dtype=np.int64)
    leaning = [rng.normal(size=(TASTES, size)).astype(np.float32) for size in GROUPS.values()]
    for at in range(TASTES):
        worth = rng.gumbel(size=len(levels)).astype(np.float32)
        for group, of_level in enumerate(leaning):
            worth += of_level[at][levels[:, group]]
        better = worth > best
        best[better], taste[better] = worth[better], at
    return taste


def _likings(items: int, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """(tastes, items) cumulated shares: a long tail of popularity times what the taste prefers."""
    popularity = 1.0 / (10.0 + rng.permutation(items))
    shares = popularity * np.exp(1.5 * rng.normal(size=(TASTES, items)))
    return np.cumsum(shares / shares.sum(axis=1, keepdims=True), axis=1)


def _drawn(
    taste: npt.NDArray[np.int64], liking: npt.NDArray[np.float64], rng: np.random.Generator
) -> npt.NDArray[np.int32]:
    """One item for each entry, by its taste."""
    chance = rng.random(len(taste))
    drawn = np.empty(len(taste), dtype=np.int32)
    for at in range(TASTES):
        own = np.flatnonzero(taste == at)
        drawn[own] = np.searchsorted(liking[at], chance[own]).clip(max=liking.shape[1] - 1)
    return drawn


def _indicators(levels: npt.NDArray[np.int64]) -> Csr:
    """One indicator a group for each subject."""
    first = np.cumsum([0, *GROUPS.values()])[:-1]
    rows = np.repeat(np.arange(len(levels)), len(GROUPS))
    cells = (levels + first).ravel()
    return csr_of_cells(np.ones(len(rows)), rows, cells, (len(levels), sum(GROUPS.values())))
