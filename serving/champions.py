"""The champions' exported artefacts, found by what they say they are and checked before they are used."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from catalog.catalogue import Catalogue
from models.affinity import export as affinity
from models.artifact import MANIFEST, ArtifactError, Manifest
from models.homepage import Champions
from models.life_event_forecast import export as forecast
from models.life_event_forecast import forecaster
from models.policy_package import uptake, uptake_export
from models.ranking import use_model

logger = logging.getLogger("qianmian.serving")


class _Kind(msgspec.Struct, frozen=True):
    kind: str


class _Says(msgspec.Struct, frozen=True):
    """The one line of a manifest file that tells which loader may read the rest."""

    manifest: _Kind


@dataclass(frozen=True, slots=True)
class Loaded:
    """The champions in force, and the artefacts that were refused and why."""

    champions: Champions
    refused: tuple[str, ...]


def load_champions(models: Path, catalogue: Catalogue) -> Loaded:
    """Every artefact under `models`; one that is damaged or unknown is refused, logged and done without."""
    champions, refused = Champions(), []
    for folder in sorted(path.parent for path in models.glob(f"*/{MANIFEST}")):
        try:
            champions = _with(champions, folder, catalogue)
        except ArtifactError as error:
            logger.error("model refused (%s): %s", error.code, error)
            refused.append(f"{folder.name}: {error.code}")
    return Loaded(champions, tuple(refused))


def _with(champions: Champions, folder: Path, catalogue: Catalogue) -> Champions:
    """The champions with the one of this folder. Raises ArtifactError."""
    readers: dict[str, Callable[[Champions, Path, Catalogue], Champions]] = {
        affinity.KIND: _with_affinity,
        forecaster.KIND: _with_forecast,
        uptake.KIND: _with_uptake,
        use_model.KIND: _with_use,
    }
    kind = _kind_of(folder)
    if kind not in readers:
        raise ArtifactError("schema", folder, f"holds {kind}, which this server does not know")
    return readers[kind](champions, folder, catalogue)


def _with_affinity(champions: Champions, folder: Path, catalogue: Catalogue) -> Champions:
    model, manifest = affinity.load_affinity(folder)
    kinds = {catalogue.items[item].subject for item in model.items if item in catalogue.items}
    if not kinds:
        raise ArtifactError("schema", folder, "knows no item of this catalogue: train it again")
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


def _kind_of(folder: Path) -> str:
    try:
        return msgspec.json.decode((folder / MANIFEST).read_bytes(), type=_Says).manifest.kind
    except (OSError, msgspec.DecodeError) as wrong:
        raise ArtifactError("schema", folder, f"{MANIFEST} is not a manifest: {wrong}") from wrong
