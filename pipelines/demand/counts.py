"""The panel: cases by public service, district and week, with an outlook at every origin."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Final

import numpy as np
import polars as pl

from models.demand_forecast.forecaster import TooShort
from models.demand_forecast.panel import Panel, Series
from models.eligibility.rule_book import RuleBook
from models.standing.working_days import WorkingCalendar
from pipelines.demand.held import UNKNOWN, Held, authority_of
from pipelines.demand.outlooks import outlook_at
from pipelines.demand.weeks import Weeks, business_day, weeks_until

ORIGINS: Final = 12
STEP: Final = 4
"""Weeks between origins."""
FIRST_ORIGIN: Final = 8
"""Weeks that must have been counted before the first."""


def applications(held: Held) -> pl.DataFrame:
    """item, district, day, office: a row a case, but for what subjects only declared themselves."""
    opened = held.records.cases.filter(pl.col("status") != "self_declared").join(held.owners, on="scope_item")
    placed = opened.join(held.districts(), on="subject", how="left")
    return placed.select(
        "item",
        pl.col("district").fill_null(UNKNOWN),
        business_day("opened_at").alias("day"),
        (pl.col("channel") != "online").fill_null(value=False).alias("office"),
    ).filter(pl.col("day") <= held.on)


def panel_of(
    held: Held, horizons: int, calendar: WorkingCalendar, progress: Callable[[float], None]
) -> Panel:
    """The panel until the last whole week. Raises TooShort where nothing or too little was counted."""
    found = applications(held)
    first = found["day"].min()
    weeks = weeks_until(first, held.on) if isinstance(first, dt.date) else Weeks(dt.date(2020, 1, 6), 0)
    origins = _origins(weeks)
    if len(origins) < 4:
        raise TooShort(f"{weeks.count} whole week(s) of cases of {held.kind}s that may be counted: too few")
    counted = found.with_columns(week=weeks.number(pl.col("day"))).filter(pl.col("week") < weeks.count)
    keys = counted.select("item", "district").unique().sort("item", "district")
    series = tuple(Series(item, where, authority_of(item, held.catalogue)) for item, where in keys.rows())
    counts = np.zeros((len(series), weeks.count))
    numbered = counted.join(keys.with_row_index("n"), on=["item", "district"])
    np.add.at(counts, (numbered["n"].to_numpy(), numbered["week"].to_numpy().astype(np.int64)), 1.0)
    book, outlooks = RuleBook(held.catalogue), {}
    for place, week in enumerate(origins):
        progress(place / len(origins))
        outlooks[week] = outlook_at(held, book, week, weeks, horizons, series, calendar)
    working = np.array(weeks.working_days(calendar, horizons))
    return Panel(series, weeks.first, counts, working, outlooks)


def _origins(weeks: Weeks) -> list[int]:
    last = weeks.count - 1
    back = [last - STEP * n for n in range(ORIGINS)]
    return sorted(week for week in back if week >= FIRST_ORIGIN)
