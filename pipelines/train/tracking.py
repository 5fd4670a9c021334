"""Runs and registered models in MLflow: the only module that writes to it."""

from __future__ import annotations

import io
import logging
import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from records.settings import Settings

REQUIREMENTS: Final = ("numpy", "scipy", "polars", "msgspec", "pandas", "scikit-learn")
"""What loading a model takes besides the product itself; pinned to what it was trained with."""
ARTEFACT: Final = "artefact"
"""The name under which a logged model carries its exported arrays."""


@dataclass(frozen=True, slots=True)
class Logged:
    """One run and the model version it registered."""

    model: str
    version: str
    run: str


@dataclass(frozen=True, slots=True)
class ToLog:
    """All that is logged of one trained model."""

    model: str
    pyfunc: Path
    """The Python file that says how to load and ask it (models from code)."""
    artefacts: Mapping[str, Path]
    parameters: Mapping[str, str]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]
    card: str
    example: Any
    """A pandas frame the model can be asked with."""
    answer: Any
    """A pandas frame of what it answers."""


@contextmanager
def mlflow_at(settings: Settings) -> Iterator[Any]:
    """MLflow pointed at these settings' store, without its telemetry and its chatter."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import mlflow

        for name in ("mlflow", "alembic"):
            logging.getLogger(name).setLevel(logging.ERROR)
        settings.home.mkdir(parents=True, exist_ok=True)
        before = mlflow.get_tracking_uri(), mlflow.get_registry_uri()
        mlflow.set_tracking_uri(settings.mlflow_uri)
        mlflow.set_registry_uri(settings.mlflow_uri)
        try:
            yield mlflow
        finally:
            mlflow.set_tracking_uri(before[0])
            mlflow.set_registry_uri(before[1])


def log_model(settings: Settings, what: ToLog) -> Logged:
    """Log a run with its model and register it as a new version."""
    with mlflow_at(settings) as mlflow:
        from mlflow.models import infer_signature

        experiment = _experiment(mlflow, settings, what.model)
        with mlflow.start_run(experiment_id=experiment, run_name=what.model) as run:
            mlflow.log_params(dict(what.parameters))
            mlflow.log_metrics(dict(what.metrics))
            mlflow.set_tags(dict(what.tags))
            mlflow.log_text(what.card, "model_card.md")
            # MLflow tells each registration on standard error, whatever the logging level.
            with redirect_stderr(io.StringIO()):
                info = mlflow.pyfunc.log_model(
                    name=what.model,
                    python_model=str(what.pyfunc),
                    artifacts={name: str(path) for name, path in what.artefacts.items()},
                    signature=infer_signature(what.example, what.answer),
                    input_example=what.example,
                    pip_requirements=[f"{name}=={version(name)}" for name in REQUIREMENTS],
                    registered_model_name=what.model,
                    tags=dict(what.tags),
                )
            client = mlflow.MlflowClient()
            registered = str(info.registered_model_version)
            for name, value in what.tags.items():
                client.set_model_version_tag(what.model, registered, name, value)
            client.set_registered_model_alias(what.model, "challenger", registered)
            return Logged(what.model, registered, run.info.run_id)


def next_version(settings: Settings, model: str) -> str:
    """The version the next registration of a model gets."""
    with mlflow_at(settings) as mlflow:
        found = mlflow.MlflowClient().search_model_versions(f"name='{model}'")
        return str(1 + max((int(version.version) for version in found), default=0))


def _experiment(mlflow: Any, settings: Settings, name: str) -> str:
    found = mlflow.get_experiment_by_name(name)
    if found is not None:
        return str(found.experiment_id)
    return str(mlflow.create_experiment(name, artifact_location=settings.mlartifacts_path.as_uri()))
