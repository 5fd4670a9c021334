"""The forecasts on disk, one part a kind of subject; read without a learning library."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy.typing as npt

from catalog.vocabulary import SubjectKind
from models.artifact import ArtifactError, Manifest, load_artifact, require_golden, save_artifact
from models.life_event_forecast.forecaster import KIND, LifeEventForecaster
from models.life_event_forecast.signals import SIGNALS
from models.logit import golden

Forecasters = Mapping[SubjectKind, LifeEventForecaster]


def save_forecasters(folder: Path, forecasters: Forecasters, manifest: Manifest) -> None:
    """Write the forecasters and their manifest (whose `kind` must be KIND)."""
    parts: dict[str, Any] = {}
    arrays: dict[str, npt.NDArray[Any]] = {}
    for kind, forecaster in sorted(forecasters.items()):
        parts[str(kind)], own = forecaster.export()
        arrays |= {f"{kind}/{name}": array for name, array in own.items()}
    save_artifact(folder, manifest, parts, arrays, answers(forecasters))


def load_forecasters(folder: Path) -> tuple[Forecasters, Manifest]:
    """Read them back. Raises ArtifactError when anything is not what it should be."""
    artifact = load_artifact(folder, KIND)
    found: dict[SubjectKind, LifeEventForecaster] = {}
    for kind, part in artifact.specification.items():
        own = {n.split("/", 1)[1]: a for n, a in artifact.arrays.items() if n.startswith(f"{kind}/")}
        try:
            forecaster = LifeEventForecaster.restore(part, own)
            found[SubjectKind(kind)] = forecaster
        except (KeyError, TypeError, ValueError) as wrong:
            raise ArtifactError("schema", folder, f"not a {kind} forecast: {wrong!r}") from wrong
        width = len(forecaster.indicators.names) + len(forecaster.holdings.names)
        if any(len(h.logit.by_indicator) != width for h in forecaster.horizons):
            raise ArtifactError("schema", folder, f"the {kind} coefficients do not fit the indicators")
    require_golden(folder, artifact.golden, answers(found))
    return found, artifact.manifest


def answers(forecasters: Forecasters) -> tuple[float, ...]:
    """To the fixed questions, of each kind of subject and horizon."""
    return tuple(
        answer
        for _, forecaster in sorted(forecasters.items())
        for horizon in forecaster.horizons
        for answer in golden.answers(
            horizon.logit,
            horizon.calibration,
            tuple(SIGNALS),
            (*forecaster.indicators.names, *forecaster.holdings.names),
        )
    )
