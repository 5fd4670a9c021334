"""The page a demand forecast leaves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import polars as pl
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from catalog.vocabulary import SubjectKind

FOLDER = Path(__file__).parent
MOST_ROWS: Final = 60


def html_report(
    forecasts: Sequence[Any],
    left_out: Mapping[SubjectKind, str],
    plan: pl.DataFrame,
    on: dt.date,
    *,
    synthetic: bool,
) -> str:
    """The whole page; it loads nothing from anywhere."""
    pages = Environment(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined)
    halls, weeks = _halls(plan)
    return pages.get_template("report.html").render(
        forecasts=forecasts, left_out=left_out, on=on, synthetic=synthetic, halls=halls, weeks=weeks,
        most=MOST_ROWS,
    )  # fmt: skip


def _halls(plan: pl.DataFrame) -> tuple[list[dict[str, Any]], list[dt.date]]:
    """The halls with most to do, each with its weeks."""
    if plan.is_empty():
        return [], []
    halls = plan.filter(pl.col("level") == "hall").sort("week")
    grouped = halls.group_by("kind", "authority", "district", maintain_order=True).agg(
        pl.col("expected").sum().alias("all"),
        pl.struct("expected", "low", "high", "at_offices").alias("weeks"),
    )
    return grouped.sort("all", descending=True).head(MOST_ROWS).to_dicts(), plan[
        "week"
    ].unique().sort().to_list()
