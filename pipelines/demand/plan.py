"""Expected cases as a table to plan by: level, who and where, week, interval, and how many come to a hall."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from catalog.catalogue import Catalogue
from models.demand_forecast.backtest import Past, misses_until
from models.demand_forecast.levels import LEVELS, key_of, summed
from models.demand_forecast.panel import Floats, Panel
from pipelines.demand.held import authority_of
from privacy.aggregates import SMALLEST

YEAR: Final = 52
PRIOR: Final = 20.0
"""Cases that the share of offices over all items counts for."""
PLAN: Final = {
    "level": pl.String, "item": pl.String, "district": pl.String, "authority": pl.String, "week": pl.Date,
    "expected": pl.Float64, "low": pl.Float64, "high": pl.Float64, "at_offices": pl.Float64,
    "at_offices_high": pl.Float64, "working_days": pl.Float64, "counted_last_year": pl.Int64,
}  # fmt: skip


def office_shares(cases: pl.DataFrame, catalogue: Catalogue) -> dict[str, float]:
    """By authority, the share of cases that did not come online; drawn to that of all where there are few."""
    if cases.is_empty():
        return {}
    overall = float(cases["office"].cast(pl.Float64).sum()) / cases.height
    named = cases.select(
        pl.col("item").replace_strict({i: authority_of(i, catalogue) for i in cases["item"].unique()}),
        "office",
    )
    return {
        authority: (offices + PRIOR * overall) / (count + PRIOR)
        for authority, offices, count in named.group_by("item")
        .agg(pl.col("office").sum(), pl.len().alias("n"))
        .iter_rows()
    }


def plan_of(
    panel: Panel,
    expected: Floats,
    past: Sequence[Past],
    origin: int,
    scale: float,
    shares: Mapping[str, float],
) -> pl.DataFrame:
    """The forecast (series, horizons) at every level, scaled to all subjects.

    Intervals cover what is counted nine times out of ten; scaled, they take as given that those not
    counted ask for as much.
    """
    by_series = expected * [[shares.get(one.authority, 0.0)] for one in panel.series]
    recent = panel.counts[:, -YEAR:].sum(axis=1)
    rows = []
    for level in LEVELS:
        keys, told = summed(expected, panel.series, level)
        offices = summed(by_series, panel.series, level)[1]
        counted = summed(recent, panel.series, level)[1]
        low, high = misses_until(past, panel, panel.weeks - 1, level).interval(told)
        authority = {key_of(one, level): one.authority for one in panel.series}
        for n, key in enumerate(keys):
            item = key[0] if level in ("cell", "item") else None
            district = key[1] if level in ("cell", "hall") else None
            who = None if level == "total" else authority[key]
            for ahead in range(told.shape[1]):
                week = origin + 1 + ahead
                share = offices[n, ahead] / max(told[n, ahead], 1e-9)
                rows.append(
                    (
                        level, item, district, who, panel.monday(week),
                        scale * told[n, ahead], scale * low[n, ahead], scale * high[n, ahead],
                        scale * offices[n, ahead], scale * high[n, ahead] * share,
                        float(panel.working_days[week]), int(counted[n]),
                    )
                )  # fmt: skip
    return pl.DataFrame(rows, schema=PLAN, orient="row")


def without_small_cells(plan: pl.DataFrame) -> pl.DataFrame:
    """The plan less what rests on fewer cases in the last year than may be told."""
    return plan.filter((pl.col("level") == "total") | (pl.col("counted_last_year") >= SMALLEST))


def seats(at_offices_high: float, working_days: float, cases_a_seat_day: float) -> int:
    """Seats that suffice for the upper end of the interval. Raises ValueError for a rate that is none."""
    if cases_a_seat_day <= 0:
        raise ValueError("a seat handles more than no case a day")
    return math.ceil(at_offices_high / (max(working_days, 1.0) * cases_a_seat_day))
