"""`citizen-affinity` judged on what citizens did after it was trained, among what the rules admit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import polars as pl

from catalog.public_service import PublicService
from catalog.vocabulary import SCOPES_OF, Nature
from features.statements import end_of
from models.affinity.dataset import SubjectBatch
from models.affinity.linear import LinearAffinity
from models.affinity.metrics import ndcg, top_places
from models.affinity.popularity import Popularity
from models.affinity.profile_batch import indicators_of
from models.eligibility.population import PopulationRules
from models.eligibility.rule_book import RuleBook
from pipelines.evaluate.judged import MODEL, Judged, Method
from pipelines.evaluate.slices import groups_of
from pipelines.train.affinity_data import affinity_dataset, batch_on, interactions
from pipelines.train.ground import Ground

K = 10
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


class NothingToJudgeOn(ValueError):
    """The holdout holds no case of what a model is for; says what was looked for and when."""


def judge_affinity(
    ground: Ground,
    fitted: Mapping[str, LinearAffinity],
    version: str,
    until: dt.date,
    half_life: float,
    reference: str,
) -> Judged:
    """The version under MODEL in `fitted`, beside the others there, popularity and the rules' own order.

    Raises NothingToJudgeOn when no citizen took up anything admissible after `until`.
    """
    items = fitted[MODEL].items
    everyone = ground.traits(until)["subject"]
    admissible = admitted(ground, until, everyone, items)
    gains = taken_after(ground, until, everyone, items) * admissible
    who = np.flatnonzero(gains.sum(axis=1) > 0)
    if not len(who):
        raise NothingToJudgeOn(f"no citizen took up an admissible service after {until}")
    subjects, gains, admissible = everyone[who], gains[who], admissible[who]
    batch = batch_on(ground, until, indicators_of(fitted[MODEL]), items, subjects)
    scores = {name: _scores(model, ground, until, items, subjects) for name, model in fitted.items()}
    dataset, *_ = affinity_dataset(ground, until)
    scores["popularity"] = Popularity(half_life=half_life).fit(dataset, seed=0).scores(batch)
    scores["rule order"] = np.tile(_rule_order(ground, items), (len(who), 1))
    cold = fitted[MODEL].scores(SubjectBatch(batch.features, items=items, at=batch.days))
    methods = {name: _method(values, gains, admissible) for name, values in scores.items()}
    shown = top_places(scores[MODEL], K, admissible)
    metrics = {
        "recall_at_10": float(_recall(shown, gains).mean()),
        "coverage_at_10": len(np.unique(shown[shown >= 0])) / max(int(admissible.any(axis=0).sum()), 1),
        "cold_ndcg_at_10": float(np.nanmean(ndcg(cold, gains, k=K, admissible=admissible))),
        "admissible_per_citizen": float(admissible.sum(axis=1).mean()),
        "cases": float(len(who)),
    }
    groups = groups_of(ground.traits(until), subjects, ground.kind).drop("subject")
    faults = () if np.isfinite(scores[MODEL]).all() else ("it scores with numbers that are none",)
    return Judged("citizen-affinity", version, "ndcg@10", methods, reference, groups, metrics, {}, faults)


def admitted(ground: Ground, day: dt.date, subjects: pl.Series, items: tuple[str, ...]) -> Bools:
    """(subjects, items): whether the rules held on a day for the subject or something of theirs."""
    place = {item: at for at, item in enumerate(items)}
    row = {subject: at for at, subject in enumerate(subjects)}
    found = np.zeros((len(subjects), len(items)), dtype=np.bool_)
    book = RuleBook(ground.catalogue)
    for scope in SCOPES_OF[ground.kind]:
        table = ground.table(day, scope)
        if table.frame.is_empty():
            continue
        owner = table.frame["subject"].replace_strict(row, default=-1, return_dtype=pl.Int64).to_numpy()
        verdicts = PopulationRules.of_items(book.rules(ground.kind, scope, day)).judge(table)
        for name in (name for name in verdicts.names if name in place):
            holds = verdicts.true(name) & (owner >= 0)
            found[owner[holds], place[name]] = True
    return found


def taken_after(ground: Ground, until: dt.date, subjects: pl.Series, items: tuple[str, ...]) -> Floats:
    """(subjects, items) 0 or 1: whether a case was opened after a day and within what is recorded."""
    records = ground.records
    owners = records.scope_items.select(pl.col("id").alias("scope_item"), pl.col("owner").alias("subject"))
    cases = records.cases.filter(pl.col("opened_at") > end_of(until)).join(owners, on="scope_item")
    taken = cases.select("subject", "item", pl.lit(1.0).alias("weight"), pl.col("opened_at").alias("at"))
    found = interactions(taken, subjects, items).matrix((len(subjects), len(items))).toarray()
    return np.asarray(found > 0, dtype=np.float64)


def _scores(
    model: LinearAffinity, ground: Ground, until: dt.date, items: tuple[str, ...], subjects: pl.Series
) -> npt.NDArray[np.floating]:
    """A model's scores in the columns of `items`; below all others for an item it does not know."""
    own = model.scores(batch_on(ground, until, indicators_of(model), model.items, subjects))
    if model.items == items:
        return own
    place = {item: at for at, item in enumerate(model.items)}
    out = np.full((len(subjects), len(items)), float(own.min()) - 1.0)
    known = [at for at, item in enumerate(items) if item in place]
    out[:, known] = own[:, [place[items[at]] for at in known]]
    return out


def _rule_order(ground: Ground, items: tuple[str, ...]) -> Floats:
    """What a page without a ranker does: duties, then benefits, then the rest, each by name."""
    order = {Nature.OBLIGATION: 0, Nature.BENEFIT: 1, Nature.OTHER: 2}
    things = [ground.catalogue.items[item] for item in items]
    keys = [(order[t.nature] if isinstance(t, PublicService) else 1, t.id) for t in things]
    rank = {key: at for at, key in enumerate(sorted(keys))}
    return np.asarray([-float(rank[key]) for key in keys])


def _method(scores: npt.NDArray[np.floating], gains: Floats, admissible: Bools) -> Method:
    shown = top_places(scores, K, admissible)
    reached = (_recall(shown, gains) > 0).astype(np.float64)
    return Method(ndcg(scores, gains, k=K, admissible=admissible), reached)


def _recall(shown: npt.NDArray[np.int32], gains: Floats) -> Floats:
    """Of what each took up, the share that was among the first ten."""
    found = np.take_along_axis(gains, np.maximum(shown, 0), axis=1) * (shown >= 0)
    return np.asarray(found.sum(axis=1) / np.maximum(gains.sum(axis=1), 1.0))
