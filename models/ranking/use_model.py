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
from models.artifact import ArtifactError, Manifest, load_artifact, save_artifact
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
    save_artifact(folder, manifest, parts, arrays)


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
    return found, artifact.manifest
