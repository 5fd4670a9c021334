"""When events began, as the records tell: a table of (event, subject, occurred_on)."""

from __future__ import annotations

import polars as pl

from features.schema import MaskedRecordTables
from models.life_event_forecast.labels import EventLabel, ForecastLabels

SHANGHAI = "Asia/Shanghai"
OCCURRENCES = {"event": pl.String, "subject": pl.String, "occurred_on": pl.Date}
CHANGES = {"subject": pl.String, "attribute": pl.String, "value": pl.String, "at": pl.Date}
"""Register changes: what an attribute became and the day of it (for a date attribute: the date)."""


def occurrences(
    labels: ForecastLabels, records: MaskedRecordTables, changes: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Every occurrence once, in (event, subject, day) order; what the purpose may not see is not here."""
    owners = records.scope_items.select(pl.col("id").alias("scope_item"), pl.col("owner").alias("subject"))
    told = [
        frame
        for label in labels.labels
        for frame in (
            _from_cases(label, records.cases, owners),
            _from_certificates(label, records.evidence, owners),
            _from_register(label, changes),
        )
        if frame is not None
    ]
    if not told:
        return pl.DataFrame(schema=OCCURRENCES)
    return pl.concat(told).drop_nulls().unique().sort("event", "subject", "occurred_on")


def local_day(column: str) -> pl.Expr:
    """The business date of an aware instant."""
    return pl.col(column).dt.convert_time_zone(SHANGHAI).dt.date()


def _from_cases(label: EventLabel, cases: pl.DataFrame, owners: pl.DataFrame) -> pl.DataFrame | None:
    """The day a telling case was opened. A self-declared one is no record of its beginning."""
    if not label.cases:
        return None
    own = cases.filter(pl.col("item").is_in(label.cases) & (pl.col("status") != "self_declared"))
    return own.join(owners, on="scope_item").select(
        pl.lit(label.event).alias("event"), "subject", local_day("opened_at").alias("occurred_on")
    )


def _from_certificates(
    label: EventLabel, evidence: pl.DataFrame, owners: pl.DataFrame
) -> pl.DataFrame | None:
    if not label.certificates:
        return None
    own = evidence.filter(pl.col("type").is_in(label.certificates))
    return own.join(owners, on="scope_item").select(
        pl.lit(label.event).alias("event"), "subject", pl.col("valid_from").alias("occurred_on")
    )


def _from_register(label: EventLabel, changes: pl.DataFrame | None) -> pl.DataFrame | None:
    if label.register is None or changes is None:
        return None
    own = changes.filter(pl.col("attribute") == label.register.attribute)
    if not label.register.dated:
        own = own.filter(pl.col("value").is_in(label.register.becomes))
    return own.select(pl.lit(label.event).alias("event"), "subject", pl.col("at").alias("occurred_on"))
