"""The step `train`: learn the models of a run and register each as a challenger."""

from __future__ import annotations

import datetime as dt
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from catalog import artefact
from catalog.catalogue import Catalogue
from catalog.vocabulary import SubjectKind
from models.artifact import Manifest
from pipelines.train.ground import NothingToLearnFrom, read_grounds
from pipelines.train.learn_affinity import learn_affinity
from pipelines.train.learn_forecast import learn_forecast
from pipelines.train.learn_ranking import learn_ranking
from pipelines.train.learn_uptake import learn_uptake
from pipelines.train.learned import Learned, TooLittleToLearn
from pipelines.train.model_card import ModelCard, prose
from pipelines.train.recipe import AFFINITY, FORECAST, PACKAGE, RANKING, recipe
from pipelines.train.revision import revision
from pipelines.train.tracking import ARTEFACT, ToLog, log_model, next_version
from records.settings import Settings

Progress = Callable[[str, float], None]
"""Called with what is being done and the share of it that is done (0 to 1)."""
CATALOGUE: Final = "catalogue"


@dataclass(frozen=True, slots=True)
class Trained:
    """One model of a run: the version registered, or why there is none."""

    model: str
    version: str | None
    run: str | None
    trained_to: dt.date | None
    seconds: float
    metrics: dict[str, float]
    left_out: dict[str, str]
    """What could not be learned, and why; the model itself under its own name."""


@dataclass(frozen=True, slots=True)
class TrainReport:
    """What one training came to."""

    on: dt.date
    catalogue_version: str
    models: tuple[Trained, ...]


def train(
    settings: Settings, catalogue: Catalogue, on: dt.date, seed: int, progress: Progress | None = None
) -> TrainReport:
    """Learn from the records until `on`. A model with too little to learn from is left out, and said so."""
    tell = progress or _silent
    tell("reading what may be learned from", 0.0)
    grounds = read_grounds(settings, catalogue, on)
    plan: dict[str, Callable[[], Learned]] = {
        AFFINITY: lambda: learn_affinity(grounds[SubjectKind.CITIZEN], recipe(), on, seed),
        PACKAGE: lambda: learn_uptake(grounds[SubjectKind.ENTERPRISE], recipe(), on, seed),
        FORECAST: lambda: learn_forecast(grounds, recipe(), on, seed),
        RANKING: lambda: learn_ranking(grounds, recipe(), on, seed),
    }
    trained = []
    for number, (model, learn) in enumerate(plan.items()):
        tell(f"learning {model}", 0.1 + 0.9 * number / len(plan))
        trained.append(_trained(settings, catalogue, model, learn, on, seed))
    tell("done", 1.0)
    return TrainReport(on, catalogue.version, tuple(trained))


def _trained(
    settings: Settings,
    catalogue: Catalogue,
    model: str,
    learn: Callable[[], Learned],
    on: dt.date,
    seed: int,
) -> Trained:
    start = time.monotonic()
    try:
        learned = learn()
    except (TooLittleToLearn, NothingToLearnFrom) as few:
        return Trained(model, None, None, None, time.monotonic() - start, {}, {model: str(few)})
    with tempfile.TemporaryDirectory() as staging:
        logged = log_model(settings, _to_log(settings, catalogue, learned, on, seed, Path(staging)))
    return Trained(
        model,
        logged.version,
        logged.run,
        learned.trained_to,
        time.monotonic() - start,
        dict(learned.metrics),
        dict(learned.left_out),
    )


def _to_log(
    settings: Settings, catalogue: Catalogue, learned: Learned, on: dt.date, seed: int, staging: Path
) -> ToLog:
    import pandas as pd

    manifest = Manifest(
        name=learned.model,
        version=next_version(settings, learned.model),
        kind=learned.kind,
        catalogue_version=catalogue.version,
        feature_service=learned.feature_service,
        commit=revision(),
        trained_to=learned.trained_to,
        metrics=dict(learned.metrics),
    )
    learned.save(staging / ARTEFACT, manifest)
    artefact.save(catalogue, staging / "catalogue.msgpack")
    parameters = {**recipe().parameters(learned.model), **learned.parameters, "seed": str(seed)}
    card = ModelCard(
        name=f"{learned.model} {manifest.version}",
        prose=prose()[learned.model],
        trained_to=learned.trained_to,
        catalogue_version=catalogue.version,
        synthetic=is_synthetic(settings),
        parameters=parameters,
        metrics=learned.metrics,
        left_out=learned.left_out,
    )
    return ToLog(
        model=learned.model,
        pyfunc=learned.pyfunc,
        artefacts={ARTEFACT: staging / ARTEFACT, CATALOGUE: staging / "catalogue.msgpack"},
        parameters=parameters,
        metrics=learned.metrics,
        tags={
            "catalogue_version": catalogue.version,
            "trained_to": learned.trained_to.isoformat(),
            "trained_on": on.isoformat(),
            "feature_service": learned.feature_service,
            "kind": learned.kind,
            "commit": manifest.commit,
            "synthetic": str(is_synthetic(settings)).lower(),
        },
        card=card.markdown(),
        example=pd.DataFrame([learned.example]),
        answer=pd.DataFrame([learned.answer]),
    )


def is_synthetic(settings: Settings) -> bool:
    """Whether a city run made the records under this home."""
    return any(settings.city_path.glob("*/manifest.json"))


def _silent(what: str, share: float) -> None:
    """Tells nobody."""
