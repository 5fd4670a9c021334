"""`citizen-affinity`: which services a citizen is likely to want next."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from features.indicators import Indicators
from models.affinity.dataset import AffinityDataset
from models.affinity.export import KIND, compact, save_affinity
from models.affinity.linear import LinearAffinity
from pipelines.train.affinity_data import affinity_dataset
from pipelines.train.ground import Ground
from pipelines.train.learned import PYFUNCS, Learned, TooLittleToLearn
from pipelines.train.recipe import AFFINITY, Recipe

LEAST_SUBJECTS = 50
"""Citizens with a history that it takes to learn what goes with what."""
SAMPLE = 5_000
"""Subjects whose scores choose the dimensions of the export."""


@dataclass(frozen=True, slots=True, eq=False)
class FittedAffinity:
    """The exported form, what it was learned from, and the parts' weights by regime."""

    exported: LinearAffinity
    dataset: AffinityDataset
    indicators: Indicators
    weights: Mapping[str, Mapping[str, float]]


def fit_affinity(ground: Ground, recipe: Recipe, until: dt.date, seed: int) -> FittedAffinity:
    """The affinity as it can be learned until a day. Raises TooLittleToLearn."""
    dataset, indicators, _ = affinity_dataset(ground, until)
    active = np.unique(dataset.interactions.subject)
    if len(active) < LEAST_SUBJECTS:
        raise TooLittleToLearn(
            f"{len(active)} citizens let their history until {until} be trained on, wanted {LEAST_SUBJECTS}"
        )
    fitted = recipe.stack().fit(dataset, seed=seed)
    rng = np.random.default_rng(seed)
    sample = active if len(active) <= SAMPLE else np.sort(rng.choice(active, SAMPLE, replace=False))
    exported = compact(fitted.linear, dataset.batch().rows(sample), dimensions=recipe.export_dimensions)
    return FittedAffinity(exported, dataset, indicators, fitted.weights)


def learn_affinity(ground: Ground, recipe: Recipe, on: dt.date, seed: int) -> Learned:
    """Learn until the holdout begins. Raises TooLittleToLearn."""
    until = on - dt.timedelta(days=recipe.holdout_days(AFFINITY))
    fitted = fit_affinity(ground, recipe, until, seed)
    dataset, indicators, exported = fitted.dataset, fitted.indicators, fitted.exported
    active = np.unique(dataset.interactions.subject)
    weights = {
        f"weight.{regime}.{part}": f"{weight:.4g}"
        for regime, parts in fitted.weights.items()
        for part, weight in parts.items()
    }
    taken = dataset.items[0]  # an item of the catalogue, and nobody's history
    return Learned(
        model=AFFINITY,
        kind=KIND,
        feature_service="affinity_v1",
        pyfunc=PYFUNCS / "affinity.py",
        save=lambda folder, manifest: save_affinity(folder, exported, manifest),
        trained_to=until,
        metrics={
            "learned.subjects": float(len(active)),
            "learned.interactions": float(len(dataset.interactions)),
            "learned.items": float(len(dataset.items)),
            "learned.indicators": float(len(indicators.names)),
        },
        parameters=weights,
        left_out={},
        example={
            "traits": json.dumps(dict(name.split("=", 1) for name in indicators.names[:3])),
            "history": json.dumps([taken]),
            "day": until.isoformat(),
            "k": 10,
        },
        answer={"items": json.dumps([[taken, 1.0]])},
    )
