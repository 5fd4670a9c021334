"""How likely each entry is to be taken up within a quarter: weighed terms, and what each family adds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from catalog.vocabulary import SubjectKind
from models.artifact import (
    ArtifactError,
    Manifest,
    asked,
    load_artifact,
    require_golden,
    save_artifact,
    weight_of,
)
from models.ranking.terms import Terms

KIND: Final = "page-ranking.1"
"""The schema of the arrays and the specification."""


@dataclass(frozen=True, slots=True)
class UseModel:
    """The weights of the terms for one kind of subject; a term it does not know weighs nothing."""

    weights: Mapping[str, float]
    usual: Mapping[str, float] = field(default_factory=dict)
    """By family, what it adds to the usual entry: a reason is what adds more than that."""

    def log_odds(self, terms: Terms) -> float:
        """Of a case being opened within a quarter."""
        weights = self.weights
        return sum(weights.get(name, 0.0) * value for name, value in terms.items())

    def chance(self, terms: Terms) -> float:
        """The probability of the same."""
        return 0.5 * (1.0 + math.tanh(0.5 * self.log_odds(terms)))

    def by_family(self, terms: Terms) -> dict[str, float]:
        """What each family adds beyond the usual; with the usual they sum to the log odds."""
        added = {family: -usual for family, usual in self.usual.items()}
        for name, value in terms.items():
            if weight := self.weights.get(name):
                family = family_of(name)
                added[family] = added.get(family, 0.0) + weight * value
        return added


UseModels = Mapping[SubjectKind, UseModel]


def family_of(term: str) -> str:
    """What a term's name says before the colon."""
    return term.split(":", 1)[0]


def save_use_models(folder: Path, models: UseModels, manifest: Manifest) -> None:
    """Write the models and their manifest (whose `kind` must be KIND)."""
    parts: dict[str, Any] = {}
    arrays: dict[str, npt.NDArray[Any]] = {}
    for kind, model in sorted(models.items()):
        parts[str(kind)] = {"terms": list(model.weights), "families": list(model.usual)}
        arrays[f"{kind}/weights"] = np.asarray(list(model.weights.values()), dtype=np.float64)
        arrays[f"{kind}/usual"] = np.asarray(list(model.usual.values()), dtype=np.float64)
    save_artifact(folder, manifest, parts, arrays, answers(models))


def load_use_models(folder: Path) -> tuple[UseModels, Manifest]:
    """Read them back. Raises ArtifactError when anything is not what it should be."""
    artifact = load_artifact(folder, KIND)
    found: dict[SubjectKind, UseModel] = {}
    try:
        for kind, part in artifact.specification.items():
            weights, usual = artifact.arrays[f"{kind}/weights"], artifact.arrays[f"{kind}/usual"]
            found[SubjectKind(kind)] = UseModel(
                dict(zip(part["terms"], weights.tolist(), strict=True)),
                dict(zip(part["families"], usual.tolist(), strict=True)),
            )
    except (KeyError, TypeError, ValueError) as wrong:
        raise ArtifactError("schema", folder, f"not a page ranking: {wrong!r}") from wrong
    require_golden(folder, artifact.golden, answers(found))
    return found, artifact.manifest


def answers(models: UseModels) -> tuple[float, ...]:
    """To the fixed questions: the log odds of entries with the terms that each names, and what is usual."""
    found: list[float] = []
    for _, model in sorted(models.items()):
        found += [model.log_odds(dict.fromkeys(names, 1.0)) for names in asked(model.weights)]
        found.append(sum(weight_of(family) * usual for family, usual in model.usual.items()))
    return tuple(found)
