"""The step `evaluate --off-policy`: what other orders of the pages that were shown would have brought."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from catalog.catalogue import Catalogue
from catalog.vocabulary import Nature, SubjectKind
from models.affinity.export import load_affinity
from models.affinity.linear import LinearAffinity
from models.affinity.profile_batch import indicators_of
from models.artifact import ArtifactError
from models.off_policy.attraction import cross_fitted
from models.off_policy.estimators import Evaluated, evaluate
from models.off_policy.position_bias import Examination, examination
from models.off_policy.reordering import order_within, reordered, reweighted_order
from models.off_policy.totals import Estimated, Floats
from pipelines.evaluate.versions import CHALLENGER, CHAMPION, contenders
from pipelines.off_policy.report import html_report
from pipelines.off_policy.row_features import row_features
from pipelines.off_policy.slate_log import NothingLogged, SlateLog, slate_log
from pipelines.train.affinity_data import batch_on, taken_up
from pipelines.train.ground import Ground, NothingToLearnFrom, read_grounds
from pipelines.train.recipe import AFFINITY
from records.settings import Settings

Progress = Callable[[str, float], None]
LOOK_BACK: Final = dt.timedelta(days=180)
AS_SHOWN: Final = "as shown"
POPULARITY: Final = "popularity"


@dataclass(frozen=True, slots=True)
class Judgement:
    """One kind of subject: how places are looked at, and clicks a page under each order."""

    kind: SubjectKind
    after: dt.date
    pages: int
    subjects: int
    looked_at: Examination
    as_shown: float
    orders: Mapping[str, tuple[Estimated, Evaluated]]
    """By order: IPS with the uncertainty of examination, and the other estimators given it."""


@dataclass(frozen=True, slots=True)
class OffPolicyReport:
    """What one judgement found, why a kind was left out, and the page that tells it."""

    on: dt.date
    judged: tuple[Judgement, ...]
    left_out: Mapping[SubjectKind, str]
    page: Path


def judge_off_policy(
    settings: Settings, catalogue: Catalogue, on: dt.date, progress: Progress = lambda what, share: None
) -> OffPolicyReport:
    """Judge the orders of popularity and of every affinity model on pages they did not learn from."""
    progress("reading the log", 0.0)
    grounds = read_grounds(settings, catalogue, on)
    models, trained_to = _models(settings)
    judged, left_out = [], {}
    for number, (kind, ground) in enumerate(grounds.items()):
        progress(f"judging the pages of {kind}s", 0.2 + 0.4 * number)
        own = models if kind is SubjectKind.CITIZEN else {}
        after = max(trained_to, default=on - LOOK_BACK) if own else on - LOOK_BACK
        try:
            judged.append(_judged(ground, after, on, own))
        except (NothingLogged, NothingToLearnFrom, ValueError) as nothing:
            left_out[kind] = str(nothing)
    page = settings.home / "reports" / "off-policy.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    report = OffPolicyReport(on, tuple(judged), left_out, page)
    synthetic = any((settings.city_path).glob("*/manifest.json"))
    page.write_text(html_report(report.judged, left_out, on, synthetic=synthetic), encoding="utf8")
    progress("done", 1.0)
    return report


def _models(settings: Settings) -> tuple[dict[str, LinearAffinity], list[dt.date]]:
    """The affinity models there are by name, and the days they were trained to."""
    found, days = {}, []
    with contenders(settings) as versions:
        for alias in (CHAMPION, CHALLENGER):
            version = versions.get(AFFINITY, {}).get(alias)
            if version is None:
                continue
            try:
                found[f"{alias} {version.version}"] = load_affinity(version.folder)[0]
                days.append(version.trained_to)
            except ArtifactError:
                continue
    return found, days


def _judged(ground: Ground, after: dt.date, on: dt.date, models: Mapping[str, LinearAffinity]) -> Judgement:
    log = slate_log(ground.records, after, on)
    row_cluster = log.cluster[log.slate]
    looked_at = examination(log.position, log.click, log.propensity, row_cluster)
    scores = {POPULARITY: _popularity(log, ground, after)}
    scores |= {name: _scores(model, log, ground, after) for name, model in models.items()}
    best = next(reversed(scores.values()))
    features = row_features(log, ground, best if models else None)
    attraction = cross_fitted(features, log.position, log.click, row_cluster, looked_at.relative)
    movable = _movable(log, ground.catalogue)
    orders = {}
    for name, score in {AS_SHOWN: -log.position.astype(np.float64), **scores}.items():
        moved = log.position.copy()
        moved[movable] = order_within(log.slate[movable], score[movable], log.position[movable])
        plain = reordered(log.slate, log.position, moved, log.click, log.propensity, log.cluster)
        data = reweighted_order(
            log.slate, log.position, moved, log.click, looked_at.relative, attraction, log.cluster
        )
        orders[name] = (plain, evaluate(data, by_chance=False))
    subjects = int(log.cluster.max()) + 1
    shown = float(log.click.sum() / log.slates)
    return Judgement(ground.kind, after, log.slates, subjects, looked_at, shown, orders)


def _movable(log: SlateLog, catalogue: Catalogue) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """(rows,) whether a ranker could move the row: a duty stands where the rules put it."""
    services = catalogue.public_services
    duties = {id_ for id_, service in services.items() if service.nature is Nature.OBLIGATION}
    return np.array([item not in duties for item in log.frame["item"]])


def _popularity(log: SlateLog, ground: Ground, after: dt.date) -> Floats:
    """(rows,) how much each item had been taken up by the end of a day."""
    taken = taken_up(ground.records_until(after))
    weight = dict(taken.group_by("item").agg(pl.col("weight").sum()).iter_rows())
    return np.array([float(weight.get(item, 0.0)) for item in log.frame["item"]])


def _scores(model: LinearAffinity, log: SlateLog, ground: Ground, after: dt.date) -> Floats:
    """(rows,) a model's scores with what was known at the end of a day; lowest where it knows no item."""
    subjects = log.frame["subject"].unique().sort()
    found = model.scores(batch_on(ground, after, indicators_of(model), model.items, subjects))
    row = {subject: n for n, subject in enumerate(subjects)}
    column = {item: n for n, item in enumerate(model.items)}
    lowest = float(found.min()) - 1.0
    return np.array(
        [
            float(found[row[subject], column[item]]) if item in column else lowest
            for subject, item in log.frame.select("subject", "item").iter_rows()
        ]
    )
