"""The champions' exported artefacts, found by what they say they are and checked before they are used."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec
import numpy as np

from catalog.catalogue import Catalogue
from models.affinity import export as affinity
from models.artifact import MANIFEST, ArtifactError, Manifest
from models.homepage import Champions
from models.life_event_forecast import export as forecast
from models.life_event_forecast import forecaster
from models.policy_package import uptake, uptake_export
from models.ranking import use_model
from records.last_good import COPIES, keep_model, model_copy

logger = logging.getLogger("qianmian.serving")


class _Kind(msgspec.Struct, frozen=True):
    kind: str
    trained_to: dt.date


class _Says(msgspec.Struct, frozen=True):
    """The one line of a manifest file that tells which loader may read the rest."""

    manifest: _Kind


@dataclass(frozen=True, slots=True)
class Loaded:
    """The champions in force, and the artefacts that were refused and why."""

    champions: Champions
    refused: tuple[str, ...]
    last_good: tuple[str, ...] = ()
    """Those of which an earlier copy serves in the place of one that was refused."""
    trained_to: Mapping[str, dt.date] = field(default_factory=dict)
    """By champion: the last day whose data it saw."""


def load_champions(models: Path, catalogue: Catalogue, since: dt.date = dt.date.min) -> Loaded:
    """Every artefact under `models`; for one that is damaged, unknown or too old its last good copy.

    What is refused is logged, and done without where no copy serves. `since` is the earliest last day of
    training that still counts.
    """
    loaded = Loaded(Champions(), ())
    held = {path.parent.name for path in models.glob(f"*/{MANIFEST}")}
    copied = {path.parent.name for path in models.glob(f"{COPIES}/*/{MANIFEST}")}
    for name in sorted(held | copied):
        folder = models / name
        try:
            loaded = _joined(loaded, folder, catalogue, since)
            keep_model(folder)
        except ArtifactError as error:
            logger.error("model refused (%s): %s", error.code, error)
            loaded = replace(loaded, refused=(*loaded.refused, f"{name}: {error.code}"))
            loaded = _from_copy(loaded, folder, catalogue, since)
    return loaded


def _from_copy(loaded: Loaded, folder: Path, catalogue: Catalogue, since: dt.date) -> Loaded:
    try:
        found = _joined(loaded, model_copy(folder), catalogue, since)
    except ArtifactError:
        return loaded
    logger.error("model %s: its last good copy serves", folder.name)
    return replace(found, last_good=(*found.last_good, folder.name))


def _joined(loaded: Loaded, folder: Path, catalogue: Catalogue, since: dt.date) -> Loaded:
    """With the champion of this folder. Raises ArtifactError."""
    manifest = _says(folder)
    champions = _with(loaded.champions, folder, catalogue)
    if manifest.trained_to < since:
        raise ArtifactError("age", folder, f"saw no data after {manifest.trained_to}: train it again")
    return replace(
        loaded,
        champions=champions,
        trained_to={**loaded.trained_to, folder.name: manifest.trained_to},
    )


def _with(champions: Champions, folder: Path, catalogue: Catalogue) -> Champions:
    """The champions with the one of this folder. Raises ArtifactError."""
    readers: dict[str, Callable[[Champions, Path, Catalogue], Champions]] = {
        affinity.KIND: _with_affinity,
        forecaster.KIND: _with_forecast,
        uptake.KIND: _with_uptake,
        use_model.KIND: _with_use,
    }
    kind = _says(folder).kind
    if kind not in readers:
        raise ArtifactError("schema", folder, f"holds {kind}, which this server does not know")
    return readers[kind](champions, folder, catalogue)


def _with_affinity(champions: Champions, folder: Path, catalogue: Catalogue) -> Champions:
    model, manifest = affinity.load_affinity(folder)
    kinds = {catalogue.items[item].subject for item in model.items if item in catalogue.items}
    if not kinds:
        raise ArtifactError("schema", folder, "knows no item of this catalogue: train it again")
    if not any(np.ptp(block.factors, axis=1).any() for block in model.blocks) and not np.ptp(model.bias):
        raise ArtifactError("values", folder, "scores every item alike, and so orders nothing")
    own = {**champions.affinity, **dict.fromkeys(kinds, model)}
    return _named(replace(champions, affinity=own), "affinity", manifest)


def _with_forecast(champions: Champions, folder: Path, catalogue: Catalogue) -> Champions:
    models, manifest = forecast.load_forecasters(folder)
    return _named(replace(champions, forecast=models), "forecast", manifest)


def _with_uptake(champions: Champions, folder: Path, catalogue: Catalogue) -> Champions:
    model, manifest = uptake_export.load_uptake(folder)
    return _named(replace(champions, uptake=model), "uptake", manifest)


def _with_use(champions: Champions, folder: Path, catalogue: Catalogue) -> Champions:
    models, manifest = use_model.load_use_models(folder)
    return _named(replace(champions, use=models), "use", manifest)


def _named(champions: Champions, part: str, manifest: Manifest) -> Champions:
    return replace(champions, names={**champions.names, part: f"{manifest.name} {manifest.version}"})


def _says(folder: Path) -> _Kind:
    try:
        return msgspec.json.decode((folder / MANIFEST).read_bytes(), type=_Says).manifest
    except (OSError, msgspec.DecodeError) as wrong:
        raise ArtifactError("schema", folder, f"{MANIFEST} is not a manifest: {wrong}") from wrong
