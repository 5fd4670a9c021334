"""The baselines of a city: popularity, an AuroraAI-style re-ranker, stock LightFM; all on one knowledge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from benchmarks.city_pages import Paged
from benchmarks.datasets.case import Case
from benchmarks.stock import stock_lightfm
from features.transforms import traits_of_profile
from models.affinity.dataset import AffinityDataset, Features, SubjectBatch
from pipelines.train.affinity_data import affinity_dataset
from pipelines.train.ground import Ground

Scores = npt.NDArray[np.float64]
POPULARITY, AURORA, LIGHTFM = "popularity", "AuroraAI-style", "LightFM WARP"
POPULAR_SHARE: Final = 0.5
"""How much of the re-ranked score is popularity, the rest being likeness."""


def baseline_scores(
    ground: Ground, paged: Sequence[Paged], seed: int
) -> dict[str, tuple[Scores, Mapping[str, int]]]:
    """By name: (subjects, items) scores and the column of each item."""
    dataset, indicators, _ = affinity_dataset(ground, ground.on)
    place = {item: at for at, item in enumerate(dataset.items)}
    coded = Features.from_indicators([_indicators(one, ground, frozenset(indicators.names)) for one in paged])
    features = Features(coded.aligned(dataset.subject_features.names), dataset.subject_features.names)
    weight = dataset.interactions.weight.astype(np.float64)
    taken: Scores = np.bincount(dataset.interactions.item, weight, len(dataset.items)).astype(np.float64)
    popularity: Scores = np.tile(taken, (len(paged), 1))
    found: dict[str, tuple[Scores, Mapping[str, int]]]
    found = {POPULARITY: (popularity, place), AURORA: (_aurora(dataset, features, taken), place)}
    found[LIGHTFM] = (_lightfm(dataset, features, seed), place)
    return found


def _indicators(one: Paged, ground: Ground, known: frozenset[str]) -> list[str]:
    traits = traits_of_profile(one.profile, ground.catalogue, one.served.on)
    return [name for trait, value in traits.items() if (name := f"{trait}={value}") in known]


def _aurora(dataset: AffinityDataset, features: Features, taken: Scores) -> Scores:
    """The cosine of a subject to the mean taker of each service, re-ranked by popularity."""
    takers = dataset.matrix().T @ dataset.subject_features.matrix
    profiles = np.asarray(takers.toarray(), dtype=np.float64)
    subjects = np.asarray(features.matrix.toarray(), dtype=np.float64)
    likeness = _unit(subjects) @ _unit(profiles).T
    popular = np.log1p(taken) / max(float(np.log1p(taken).max()), 1e-9)
    return np.asarray((1 - POPULAR_SHARE) * likeness + POPULAR_SHARE * popular)


def _unit(rows: Scores) -> Scores:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9))


def _lightfm(dataset: AffinityDataset, features: Features, seed: int) -> Scores:
    """As its documentation has it; who is ranked for is told by features, as new subjects must be."""
    shape = (len(features), len(dataset.items))
    case = Case(
        "city", seed, dataset, SubjectBatch(features), (), np.zeros(shape), np.ones(shape, dtype=np.bool_)
    )
    return np.asarray(stock_lightfm(case, subject_ids=False, item_ids=True), dtype=np.float64)
