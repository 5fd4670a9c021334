"""`qianmian demand`: how much halls and services will be asked for in the weeks ahead."""

from __future__ import annotations

from typing import Annotated

import polars as pl
import typer

from commands.catalog import compiled
from commands.console import OUT, Refusal, step, table
from commands.steps import AsOf
from pipelines.demand import DemandReport, forecast_demand
from pipelines.demand.plan import seats
from records.settings import Settings, today_in_shanghai

MOST_HALLS = 20


def demand(
    as_of: AsOf = None,
    planner: Annotated[
        bool, typer.Option(help="Show small cells too: for whoever plans a hall, by their office.")
    ] = False,
    seat_day: Annotated[
        float | None, typer.Option(help="Cases a seat handles in a day, to tell how many seats suffice.")
    ] = None,
) -> None:
    """Forecast weekly cases by service, district and hall, with intervals and a back-test."""
    if seat_day is not None and seat_day <= 0:
        raise Refusal("--seat-day is the number of cases a seat handles in a day: more than 0")
    settings = Settings()
    on = as_of.date() if as_of else today_in_shanghai(settings)
    with step("Forecasting demand") as advance:
        report = forecast_demand(settings, compiled(settings), on, planner=planner, progress=advance)
    show_demand(report, seat_day)
    if not report.forecasts:
        raise Refusal("; ".join(report.left_out.values()))


def show_demand(report: DemandReport, seat_day: float | None) -> None:
    """Print how past forecasts did, and the next week of the halls with most to do."""
    for one in report.forecasts:
        OUT.print(
            f"  {one.kind}: {one.weeks} weeks, {one.form}; counted cases stand for {one.scale:.2f} each",
            highlight=False,
        )
        past = table(f"back-test · {one.kind}", "level", "method", "error", "over last year", "coverage")
        for level, methods in one.scores.items():
            for method, score in methods.items():
                held = "" if score.coverage is None else f"{score.coverage:.1%}"
                past.add_row(
                    level, method, f"{score.mean_absolute_error:.3f}", f"{score.scaled_error:.3f}", held
                )
        OUT.print(past)
        _show_halls(one.plan, str(one.kind), seat_day, planner=report.withheld == 0)
    for kind, why in report.left_out.items():
        OUT.print(f"  {kind}: [yellow]{why}[/]", highlight=False)
    if report.withheld:
        OUT.print(f"  {report.withheld:,} rows rest on too few cases and are withheld", highlight=False)
    for file in report.files:
        OUT.print(f"  {file}", highlight=False)


def _show_halls(plan: pl.DataFrame, kind: str, seat_day: float | None, *, planner: bool) -> None:
    from pipelines.demand.plan import without_small_cells

    halls = plan.filter(pl.col("level") == "hall")
    week = halls["week"].to_list()[0]
    told = (halls if planner else without_small_cells(halls)).filter(pl.col("week") == week)
    columns = ["authority", "district", "expected", "90 % interval", "at offices"]
    shown = table(f"week of {week} · {kind}", *columns, *(["seats"] if seat_day else []))
    for row in told.sort("expected", descending=True).head(MOST_HALLS).iter_rows(named=True):
        cells = [
            row["authority"],
            row["district"],
            f"{row['expected']:.1f}",
            f"{row['low']:.0f} to {row['high']:.0f}",
            f"{row['at_offices']:.1f}",
        ]
        if seat_day:
            cells.append(str(seats(row["at_offices_high"], row["working_days"], seat_day)))
        shown.add_row(*cells)
    OUT.print(shown)
