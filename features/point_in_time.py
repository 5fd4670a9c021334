"""Point-in-time joins: to each row what was known at its instant, and nothing of later."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class History:
    """A feature's past: rows by key and time (aware); of one instant the later row counts."""

    frame: pl.LazyFrame
    key: str
    time: str
    life: dt.timedelta | None = None
    """A row older than this at the asking instant is unknown; None for no limit."""


def joined_as_of(rows: pl.LazyFrame, history: History, key: str, time: str) -> pl.LazyFrame:
    """Each row with the history's last row of its key until its instant, null where there is none.

    No row is lost, doubled or moved. The history's key and time are not among the columns.
    """
    past = (
        history.frame.with_columns(pl.col(history.time).alias("__told_at"))
        .drop(history.time)
        .rename({history.key: "__key"})
        .sort("__told_at", maintain_order=True)
    )
    asked = (
        rows.with_row_index("__place")
        .with_columns(pl.col(key).alias("__key"), pl.col(time).alias("__asked_at"))
        .sort("__asked_at", maintain_order=True)
    )
    found = asked.join_asof(
        past,
        left_on="__asked_at",
        right_on="__told_at",
        by="__key",
        strategy="backward",
        check_sortedness=False,
    )
    features = [name for name in past.collect_schema().names() if name not in ("__key", "__told_at")]
    if history.life is not None:
        fresh = pl.col("__asked_at") - pl.col("__told_at") < history.life
        found = found.with_columns(pl.when(fresh).then(pl.col(name)).alias(name) for name in features)
    return found.sort("__place").drop("__place", "__key", "__asked_at", "__told_at")


def historical(
    rows: pl.DataFrame, histories: Iterable[History], time: str = "event_timestamp"
) -> pl.DataFrame:
    """A training set: each row with the features of every history as of the row's instant.

    A history is joined on the column of `rows` that bears its key's name.
    """
    found = rows.lazy()
    for history in histories:
        found = joined_as_of(found, history, history.key, time)
    return found.collect()
