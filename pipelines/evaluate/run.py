"""The step `evaluate`: judge each challenger on what happened after it was trained, beside its baselines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from catalog.catalogue import Catalogue
from catalog.vocabulary import SubjectKind
from models.affinity.export import load_affinity
from models.artifact import ArtifactError, Manifest
from models.life_event_forecast.export import load_forecasters
from models.policy_package.uptake_export import load_uptake
from models.ranking.use_model import load_use_models
from pipelines.evaluate.intervals import Estimate
from pipelines.evaluate.judge_affinity import NothingToJudgeOn, judge_affinity
from pipelines.evaluate.judge_forecast import judge_forecast
from pipelines.evaluate.judge_ranking import judge_ranking
from pipelines.evaluate.judge_uptake import judge_uptake
from pipelines.evaluate.judged import MODEL, Judged
from pipelines.evaluate.others import beside
from pipelines.evaluate.outcome import OUTCOME, Outcome
from pipelines.evaluate.report import html_report
from pipelines.evaluate.usual_rates import RATES
from pipelines.evaluate.versions import CHALLENGER, CHAMPION, Version, contenders
from pipelines.train.ground import Ground, NothingToLearnFrom, read_grounds
from pipelines.train.recipe import AFFINITY, FORECAST, PACKAGE, RANKING, recipe
from pipelines.train.tracking import mlflow_at
from records.settings import Settings

Progress = Callable[[str, float], None]
SEED = 1
"""Of the bootstrap: the same evaluation gives the same intervals."""
REPORT = "evaluation/report.html"
Grounds = Mapping[SubjectKind, Ground]
Versions = Mapping[str, Version]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One challenger's figures beside its baselines, or why it could not be judged."""

    model: str
    version: str
    measure: str
    reference: str
    estimates: Mapping[str, Estimate]
    """The measure by method, `model` among them."""
    differences: Mapping[str, Estimate]
    metrics: Mapping[str, float]
    says: str
    """Empty when it was judged."""
    notes: tuple[str, ...] = ()
    """What a reader should know beside the figures."""


@dataclass(frozen=True, slots=True)
class EvaluateReport:
    """What one evaluation found."""

    on: dt.date
    evaluations: tuple[Evaluation, ...]


def evaluate(
    settings: Settings, catalogue: Catalogue, on: dt.date, progress: Progress | None = None
) -> EvaluateReport:
    """Judge every challenger on the records between the day it was trained to and `on`.

    Figures, report and the document for the gates go into the version's own run.
    """
    tell = progress or _silent
    tell("reading what happened since", 0.0)
    grounds = read_grounds(settings, catalogue, on)
    found = []
    with contenders(settings) as models:
        for number, (model, versions) in enumerate(models.items()):
            tell(f"judging {model}", 0.1 + 0.9 * number / len(models))
            if CHALLENGER in versions:
                found.append(_evaluated(settings, grounds, versions, models, on))
    tell("done", 1.0)
    return EvaluateReport(on, tuple(found))


def _evaluated(
    settings: Settings, grounds: Grounds, versions: Versions, models: Mapping[str, Versions], on: dt.date
) -> Evaluation:
    challenger = versions[CHALLENGER]
    try:
        judged = _judged(grounds, versions, models)
    except (NothingToJudgeOn, NothingToLearnFrom) as nothing:
        return _not_judged(challenger, str(nothing))
    except ArtifactError as broken:
        _keep_fault(settings, challenger, on, f"{broken.code}: {broken}")
        return _not_judged(challenger, str(broken))
    _keep(settings, judged, challenger, on)
    return Evaluation(
        judged.model,
        judged.version,
        judged.measure,
        judged.reference,
        judged.estimates(SEED),
        judged.differences(SEED),
        judged.metrics,
        "",
        judged.notes,
    )


LOADERS: Mapping[str, Callable[[Path], tuple[Any, Manifest]]] = {
    AFFINITY: load_affinity,
    PACKAGE: load_uptake,
    FORECAST: load_forecasters,
    RANKING: load_use_models,
}


def _judged(grounds: Grounds, versions: Versions, models: Mapping[str, Versions]) -> Judged:
    """The challenger beside its baselines and, where this program can still read it, the champion."""
    challenger, champion = versions[CHALLENGER], versions.get(CHAMPION)
    load = LOADERS[challenger.model]
    fitted = {MODEL: load(challenger.folder)[0]}
    notes: tuple[str, ...] = ()
    against = None
    if champion is not None and champion.version != challenger.version:
        try:
            fitted[f"champion {champion.version}"] = load(champion.folder)[0]
            against = f"champion {champion.version}"
        except ArtifactError as unreadable:
            notes = (f"champion {champion.version} cannot be compared with: {unreadable}",)
    if challenger.model == RANKING:
        others, version = beside(models), challenger.version
        found = judge_ranking(grounds, fitted, others, version, challenger.trained_to, against, SEED)
    else:
        found = _judge(grounds, challenger, fitted, against)
    return replace(found, notes=notes)


def _judge(grounds: Grounds, challenger: Version, fitted: Mapping[str, Any], against: str | None) -> Judged:
    version, until = challenger.version, challenger.trained_to
    if challenger.model == AFFINITY:
        half_life = float(recipe().figures[AFFINITY]["popularity"]["half_life"])
        ground = grounds[SubjectKind.CITIZEN]
        return judge_affinity(ground, fitted, version, until, half_life, against or "popularity")
    if challenger.model == PACKAGE:
        ground = grounds[SubjectKind.ENTERPRISE]
        return judge_uptake(ground, fitted, version, until, recipe().uptake, against or "popularity")
    return judge_forecast(grounds, fitted, version, until, against or RATES)


def _keep(settings: Settings, judged: Judged, challenger: Version, on: dt.date) -> None:
    """Figures, page and the gates' document into the run of the version."""
    figures = {f"holdout.{_plain(name)}": found.mean for name, found in judged.estimates(SEED).items()}
    figures |= {f"holdout.{_plain(name)}": value for name, value in judged.metrics.items()}
    for name, found in judged.differences(SEED).items():
        figures[f"holdout.difference.{_plain(name)}"] = found.mean
        figures[f"holdout.difference_se.{_plain(name)}"] = found.error
    page = html_report(judged, on, challenger.trained_to, challenger.synthetic, SEED)
    with mlflow_at(settings) as mlflow:
        client = mlflow.MlflowClient()
        client.log_batch(
            challenger.run,
            metrics=[mlflow.entities.Metric(name, value, 0, 0) for name, value in figures.items()],
        )
        client.log_text(challenger.run, page, REPORT)
        client.log_text(challenger.run, _json(judged.outcome(on)), OUTCOME)


def _keep_fault(settings: Settings, challenger: Version, on: dt.date, fault: str) -> None:
    outcome = Outcome(
        model=challenger.model,
        version=challenger.version,
        evaluated_on=on,
        measure="none",
        values=(),
        reference="none",
        reference_values=(),
        faults=(fault,),
    )
    with mlflow_at(settings) as mlflow:
        mlflow.MlflowClient().log_text(challenger.run, _json(outcome), OUTCOME)


def _json(outcome: Outcome) -> str:
    return msgspec.json.encode(outcome).decode()


def _not_judged(challenger: Version, says: str) -> Evaluation:
    return Evaluation(challenger.model, challenger.version, "", "", {}, {}, {}, says)


def _plain(name: str) -> str:
    """A name MLflow takes for a metric."""
    return "".join(c if c.isalnum() or c in "._-/ " else "_" for c in name).replace(" ", "_")


def _silent(what: str, share: float) -> None:
    """Tells nobody."""
