"""Who could have met an event when, and whether they did: windows of time at risk.

A window starts on a landmark day. It counts only while the subject is observed from the landmark to the
window's end and beyond by the reporting delay; otherwise its outcome is null: unobserved, never "no". A
window the data do not reach the end of is null even where the event is already known, since keeping only
those would make late windows all positive.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import polars as pl

from models.life_event_forecast.labels import ForecastLabels

OBSERVED = {"event": pl.String, "subject": pl.String, "observed_from": pl.Date, "observed_to": pl.Date}
"""From when to when the records that tell of an event are seen for a subject, both days included."""


def within(horizon: int) -> str:
    """The column of one horizon."""
    return f"within_{horizon}"


def risk_windows(
    labels: ForecastLabels, told: pl.DataFrame, observed: pl.DataFrame, landmarks: Iterable[dt.date]
) -> pl.DataFrame:
    """`event, subject, landmark, within_30 ...` for every subject at risk, outcomes true, false or null.

    `told` is what `occurrences` yields. Rows with no known outcome at any horizon are left out; rows
    stand in (event, subject, landmark) order.
    """
    timing = pl.DataFrame(
        [(label.event, label.reporting_delay_days, label.washout_days) for label in labels.labels],
        schema={"event": pl.String, "delay": pl.Int32, "washout": pl.Int32},
        orient="row",
    )
    days = pl.DataFrame({"landmark": sorted(set(landmarks))}, schema={"landmark": pl.Date})
    rows = (
        observed.join(timing, on="event")
        .join(days, how="cross")
        .filter(pl.col("observed_from") <= pl.col("landmark"), pl.col("landmark") <= pl.col("observed_to"))
        .sort("landmark")
    )
    rows = _with_neighbours(rows, told.sort("occurred_on"))
    fresh = pl.col("last").is_null() | (
        (pl.col("landmark") - pl.col("last")).dt.total_days() >= pl.col("washout")
    )
    outcomes = [_outcome(horizon).alias(within(horizon)) for horizon in labels.horizons_days]
    names = [within(horizon) for horizon in labels.horizons_days]
    return (
        rows.filter(fresh)
        .with_columns(outcomes)
        .filter(pl.any_horizontal(pl.col(name).is_not_null() for name in names))
        .select("event", "subject", "landmark", *names)
        .sort("event", "subject", "landmark")
    )


def _with_neighbours(rows: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """Each row with the last occurrence up to its landmark and the first one after."""
    keys = ["event", "subject"]
    before = rows.join_asof(
        told.with_columns(last=pl.col("occurred_on")),
        left_on="landmark",
        right_on="occurred_on",
        by=keys,
        strategy="backward",
        check_sortedness=False,
    ).drop("occurred_on", strict=False)
    after = told.with_columns(pl.col("occurred_on").alias("next"))
    return (
        before.with_columns(tomorrow=pl.col("landmark") + dt.timedelta(days=1))
        .join_asof(
            after,
            left_on="tomorrow",
            right_on="occurred_on",
            by=keys,
            strategy="forward",
            check_sortedness=False,
        )
        .drop("occurred_on", "tomorrow", strict=False)
    )


def _outcome(horizon: int) -> pl.Expr:
    """Whether it began in (landmark, landmark + horizon]; null where that cannot be known yet."""
    end = pl.col("landmark") + pl.duration(days=horizon)
    seen = end + pl.duration(days=pl.col("delay")) <= pl.col("observed_to")
    began = pl.col("next").is_not_null() & (pl.col("next") <= end)
    return pl.when(seen).then(began)
