"""Windows in which a firm that was admitted to a policy applies for it, or does not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from features.schema import MaskedRecordTables
from models.logit.crossed import CrossedLogitConfig
from models.policy_package.uptake_signals import end_of

ADMITTED = {"subject": pl.String, "item": pl.String, "landmark": pl.Date}
"""Firms, the policies they were decided eligible for, and the day."""


@dataclass(frozen=True, slots=True)
class UptakeConfig:
    """How uptake is fitted."""

    horizon_days: int = 90
    decision_days: int = 60
    """How long after applying a decision is waited for before it counts as not obtained."""
    washout_days: int = 365
    """A firm that applied so recently is not about to apply anew."""
    reporting_delay_days: int = 7
    least_applications: int = 20
    calibration_share: float = 0.3
    recency_half_life: float = 20.0
    """Days by which a window must be older to count half in calibration."""
    prior_cases: float = 50.0
    """Cases' worth of the overall rate that each policy's own usual rate is shrunk with."""
    logit: CrossedLogitConfig = field(default_factory=CrossedLogitConfig)


def uptake_windows(
    admitted: pl.DataFrame, records: MaskedRecordTables, observed_to: dt.date, config: UptakeConfig
) -> pl.DataFrame:
    """Each admitted (subject, item, landmark) with whether it was applied for and obtained.

    A firm that applied within the washout is left out; an outcome the data do not reach is null.
    """
    owners = records.scope_items.select(pl.col("id").alias("scope_item"), pl.col("owner").alias("subject"))
    cases = (
        records.cases.filter(pl.col("status") != "self_declared")
        .join(owners, on="scope_item")
        .select("subject", "item", "opened_at", "closed_at", "status")
    )
    parts = [
        _windows_on(admitted.filter(pl.col("landmark") == day), cases, day, observed_to, config)
        for day in admitted["landmark"].unique().sort()
    ]
    schema = {**ADMITTED, "applied": pl.Boolean, "obtained": pl.Boolean}
    return pl.concat(parts).sort("subject", "item", "landmark") if parts else pl.DataFrame(schema=schema)


def _windows_on(
    admitted: pl.DataFrame, cases: pl.DataFrame, day: dt.date, observed_to: dt.date, config: UptakeConfig
) -> pl.DataFrame:
    start = end_of(day)
    end = start + dt.timedelta(days=config.horizon_days)
    keys = ["subject", "item"]
    lately = cases.filter(
        pl.col("opened_at") < start, pl.col("opened_at") >= start - dt.timedelta(days=config.washout_days)
    )
    then = cases.filter(pl.col("opened_at") >= start, pl.col("opened_at") < end)
    decided = pl.col("closed_at") < pl.col("opened_at") + dt.timedelta(days=config.decision_days)
    first = (
        then.sort("opened_at")
        .with_columns(got=(pl.col("status") == "succeeded") & decided.fill_null(False))
        .group_by(keys)
        .agg(pl.col("got").first())
    )
    seen = day + dt.timedelta(days=config.horizon_days + config.reporting_delay_days) <= observed_to
    settled = seen and (
        day + dt.timedelta(days=config.horizon_days + config.decision_days + config.reporting_delay_days)
        <= observed_to
    )
    return (
        admitted.join(lately.select(keys).unique(), on=keys, how="anti")
        .join(first, on=keys, how="left")
        .select(
            *ADMITTED,
            pl.when(pl.lit(seen)).then(pl.col("got").is_not_null()).alias("applied"),
            pl.when(pl.lit(settled)).then(pl.col("got")).alias("obtained"),
        )
    )


def landmarks_of(first: dt.date, last: dt.date, step_days: int = 30) -> Iterable[dt.date]:
    """Landmark days from the last backwards, evenly spaced."""
    day = last
    while day >= first:
        yield day
        day -= dt.timedelta(days=step_days)
