"""The uptake model on disk: what a server needs, and no learning library with it."""

from __future__ import annotations

from pathlib import Path

from models.artifact import ArtifactError, Manifest, load_artifact, require_golden, save_artifact
from models.logit import golden
from models.policy_package.uptake import KIND, UptakeModel
from models.policy_package.uptake_signals import SIGNALS


def save_uptake(folder: Path, model: UptakeModel, manifest: Manifest) -> None:
    """Write the model and its manifest (whose `kind` must be KIND)."""
    save_artifact(folder, manifest, *model.export(), answers(model))


def load_uptake(folder: Path) -> tuple[UptakeModel, Manifest]:
    """Read it back. Raises ArtifactError when anything is not what it should be."""
    artifact = load_artifact(folder, KIND)
    try:
        model = UptakeModel.restore(artifact.specification, artifact.arrays)
    except (KeyError, TypeError, ValueError) as wrong:
        raise ArtifactError("schema", folder, f"not an uptake model: {wrong!r}") from wrong
    widths = {len(stage.logit.by_indicator) for stage in (model.applying, model.obtaining)}
    if widths != {len(model.indicators.names)}:
        raise ArtifactError("schema", folder, "the coefficients do not fit the indicators")
    require_golden(folder, artifact.golden, answers(model))
    return model, artifact.manifest


def answers(model: UptakeModel) -> tuple[float, ...]:
    """To the fixed questions, of applying and then of obtaining."""
    names = model.indicators.names
    stages = (model.applying, model.obtaining)
    return tuple(
        answer
        for stage in stages
        for answer in golden.answers(stage.logit, stage.calibration, tuple(SIGNALS), names)
    )
