"""The versions an evaluation concerns: each model's challenger, and the champion it would replace."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pipelines.train.recipe import MODELS
from pipelines.train.tracking import ARTEFACT, mlflow_at
from records.settings import Settings

CHAMPION, CHALLENGER = "champion", "challenger"


@dataclass(frozen=True, slots=True)
class Version:
    """One registered version and its exported arrays."""

    model: str
    version: str
    run: str
    trained_to: dt.date
    synthetic: bool
    folder: Path


@contextmanager
def contenders(settings: Settings) -> Iterator[dict[str, dict[str, Version]]]:
    """By model, the versions under the two aliases; a model nobody trained is left out."""
    with mlflow_at(settings) as mlflow, TemporaryDirectory() as folder:
        client = mlflow.MlflowClient()
        registered = {model.name: dict(model.aliases) for model in client.search_registered_models()}
        yield {
            model: {
                alias: _version(mlflow, client, model, str(registered[model][alias]), Path(folder))
                for alias in (CHAMPION, CHALLENGER)
                if alias in registered[model]
            }
            for model in MODELS
            if model in registered
        }


def _version(mlflow: Any, client: Any, model: str, version: str, folder: Path) -> Version:
    told = client.get_model_version(model, version)
    source = f"models:/{model}/{version}/artifacts/{ARTEFACT}"
    target = folder / model / version
    target.mkdir(parents=True, exist_ok=True)
    return Version(
        model=model,
        version=version,
        run=told.run_id,
        trained_to=dt.date.fromisoformat(told.tags["trained_to"]),
        synthetic=told.tags.get("synthetic") == "true",
        folder=Path(mlflow.artifacts.download_artifacts(source, dst_path=str(target))),
    )
