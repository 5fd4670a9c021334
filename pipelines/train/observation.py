"""From when on what happens is on record: old records of a few do not make silence about the rest telling."""

from __future__ import annotations

import datetime as dt
from typing import Final

import polars as pl

SPARSE: Final = 0.1
"""A month with less than this share of a usual month's records was not yet observed."""


def observed_from(times: pl.Series) -> dt.date | None:
    """The day of the first record from which on records are kept as usual; None without records.

    A month is as busy as usual when it holds at least a tenth of the records of the month that the median
    record lies in: archives often reach back further for a few than for the many.
    """
    if times.is_empty():
        return None
    months = times.dt.truncate("1mo").rename("month")
    by_month = months.value_counts(name="records").sort("month")
    median = by_month.filter(pl.col("records").cum_sum() * 2 >= len(times))["records"][0]
    usual = by_month.filter(pl.col("records") >= SPARSE * median)["month"][0]
    first = times.filter(times >= usual).min()
    return first.date() if isinstance(first, dt.datetime) else None
