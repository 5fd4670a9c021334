"""How busy offices are expected to be, from the latest plan that `qianmian demand` wrote."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Final

import polars as pl

from models.demand_forecast.office_load import WeeklyLoad
from records.settings import Settings

GOOD_FOR: Final = dt.timedelta(days=14)
"""An older plan says too little of the weeks that come."""


def latest_plan(settings: Settings, on: dt.date) -> Path | None:
    """The newest plan made by a day that is not too old to go by; None where there is none."""
    made = {
        day: path
        for path in (settings.home / "reports" / "demand").glob("*.parquet")
        if (day := _day(path)) is not None and on - GOOD_FOR <= day <= on
    }
    return made[max(made)] if made else None


def weekly_load(plan: Path) -> WeeklyLoad:
    """The expected cases of each service by week, over all districts."""
    rows = pl.read_parquet(plan).filter(pl.col("level") == "item")
    expected = rows.group_by("item", "week").agg(pl.col("expected").sum())
    days = rows.group_by("week").agg(pl.col("working_days").first())
    return WeeklyLoad(
        {(item, week): cases for item, week, cases in expected.iter_rows()}, dict(days.iter_rows())
    )


def _day(path: Path) -> dt.date | None:
    try:
        return dt.date.fromisoformat(path.stem)
    except ValueError:
        return None
