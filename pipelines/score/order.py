"""The order in which a subject's page lists its standings by the rules alone, on columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

import polars as pl

from catalog.catalogue import Catalogue
from catalog.vocabulary import Nature, Proactive, Status
from models.feedback.wishes import Wishes
from models.homepage.arrangement import RECOMMENDED
from models.ranking.ranker import LEARNED, ORDER, PROMPTLY
from models.ranking.signals import RankWeights
from models.recommendation import Standing
from models.standing.standings_table import COLUMNS

SPREAD: Final = 1e-12
"""Affinities that differ by less say nothing of an order."""


def in_page_order(
    rows: pl.DataFrame,
    catalogue: Catalogue,
    on: dt.date,
    wishes: Mapping[str, Wishes],
    affinity: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """The standings a page may show unasked, ranked from 1 for each subject: the file's columns and order.

    It is the order of `models.homepage.arrange`: what is due goes by date and law. `affinity` (subject, item,
    affinity) orders what its subjects can do and what is undetermined, as the ranker's weights would, but
    theme by theme is not told apart; of all others it is the rules' own order.
    """
    shown = [
        item.id
        for item in catalogue.items.values()
        if item.status is Status.CONFIRMED and item.proactive is not Proactive.SEARCH_ONLY
    ]
    duties = [id_ for id_, s in catalogue.public_services.items() if s.nature is Nature.OBLIGATION]
    kept = _aside(rows.filter(pl.col("item").is_in(shown)), wishes, duties, on)
    scored = kept.with_columns(score=pl.lit(0.0)) if affinity is None else _scored(kept, affinity)
    ordered = scored.sort("subject", *_keys(on, duties), "item", "scope_item", "cycle")
    ranked = ordered.with_columns(
        rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("subject"),
        catalogue_version=pl.lit(catalogue.version),
        as_of=pl.lit(on),
    )
    return ranked.select(pl.col(name).cast(dtype) for name, dtype in COLUMNS.items())


def _keys(on: dt.date, duties: list[str]) -> list[pl.Expr]:
    standing = pl.col("standing")
    due = standing == Standing.SHOULD_DO
    undetermined = standing == Standing.NEEDS_INFORMATION
    place = {each.value: at for at, each in enumerate(ORDER)}
    date = pl.coalesce("opens_on", "due_on", pl.lit(dt.date.max))
    return [
        standing.replace_strict(place, return_dtype=pl.Int32),
        pl.col("aside"),
        undetermined & ~pl.col("item").is_in(duties),
        -pl.col("score"),
        pl.when(due).then(pl.col("due_on").fill_null(on + PROMPTLY)).otherwise(date),
        ~due & ~pl.col("ready"),
        pl.when(due).then(0).otherwise(pl.col("missing").list.len()),
        pl.when(due).then(0).otherwise(pl.col("unknown")),
    ]


def _scored(rows: pl.DataFrame, affinity: pl.DataFrame) -> pl.DataFrame:
    """Adds `score`: 0 of whatever is not ordered by it."""
    weights, group = RankWeights(), ["subject", "standing"]
    learned = [each.value for each in LEARNED]
    known = rows.join(affinity, on=["subject", "item"], how="left", maintain_order="left")
    among = known.filter(pl.col("standing").is_in(learned)).unique([*group, "item"]).drop_nulls("affinity")
    usual = among.group_by(group).agg(mean=pl.col("affinity").mean(), spread=pl.col("affinity").std(ddof=0))
    wide = known.join(usual, on=group, how="left", maintain_order="left")
    spread = pl.col("spread") > SPREAD
    liking = pl.when(spread).then((pl.col("affinity") - pl.col("mean")) / pl.col("spread")).fill_null(0.0)
    score = weights.affinity * liking + weights.ready * pl.col("ready").cast(pl.Float64)
    score -= weights.effort * pl.col("missing").list.len()
    by_score = pl.col("standing").is_in(learned) & pl.col("subject").is_in(
        affinity["subject"].unique().implode()
    )
    return wide.with_columns(score=pl.when(by_score).then(score).otherwise(0.0))


def _aside(rows: pl.DataFrame, wishes: Mapping[str, Wishes], duties: list[str], on: dt.date) -> pl.DataFrame:
    """Marks what the subject asked to be spared, duties excepted."""
    pairs = [
        (subject, scope_item, item)
        for subject, wish in wishes.items()
        for (scope_item, item), until in wish.until.items()
        if until > on
    ]
    schema = dict.fromkeys(("subject", "scope_item", "item"), pl.String())
    spared = pl.DataFrame(pairs, schema=schema, orient="row").with_columns(pl.lit(value=True).alias("spared"))
    one = spared.drop_nulls("scope_item").unique()
    every = spared.filter(pl.col("scope_item").is_null()).drop("scope_item").unique()
    marked = rows.join(one, on=["subject", "scope_item", "item"], how="left").join(
        every, on=["subject", "item"], how="left", suffix="_everywhere"
    )
    asked = pl.col("spared").fill_null(value=False) | pl.col("spared_everywhere").fill_null(value=False)
    may = pl.col("standing").is_in([each.value for each in RECOMMENDED])
    return marked.with_columns(aside=asked & may & ~pl.col("item").is_in(duties))
