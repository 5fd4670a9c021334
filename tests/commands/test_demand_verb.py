"""The verb `demand` says what it found, what it withheld, and what it cannot do."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from catalog.vocabulary import SubjectKind
from commands.demand import show_demand
from commands.main import app
from models.demand_forecast.backtest import Score
from pipelines.demand import DemandReport
from pipelines.demand.plan import PLAN
from pipelines.demand.run import Forecast

MONDAY = dt.date(2026, 11, 23)


def plan(*counted: int) -> pl.DataFrame:
    rows = [
        ("hall", None, f"district-{n}", "公安", MONDAY, 12.5, 4.0, 30.0, 5.0, 12.0, 5.0, one)
        for n, one in enumerate(counted)
    ]
    return pl.DataFrame(rows, schema=PLAN, orient="row")


def report(*counted: int, withheld: int = 0) -> DemandReport:
    told = {"hall": {"model": Score(0.2, 0.85, 0.93, 4.0, 10)}}
    one = Forecast(SubjectKind.CITIZEN, plan(*counted), "trees", 2.2, 150, told)  # type: ignore[arg-type]
    left = {SubjectKind.ENTERPRISE: "4 whole week(s) of cases: too few"}
    return DemandReport(MONDAY, (one,), left, withheld, (Path("plan.html"),))


def test_figures_seats_and_what_was_left_out_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    show_demand(report(40), seat_day=1.0)
    out = capsys.readouterr().out
    for said in ("0.850", "93.0%", "district-0", "12.5", "4 to 30", "too few", "plan.html"):
        assert said in out
    assert " 3 " in out  # 12 cases at offices in 5 days, one a seat and day


def test_small_halls_are_printed_for_planners_only(capsys: pytest.CaptureFixture[str]) -> None:
    show_demand(report(40, 3, withheld=1), seat_day=None)
    out = capsys.readouterr().out
    assert "district-1" not in out
    assert "withheld" in out
    show_demand(report(40, 3), seat_day=None)
    assert "district-1" in capsys.readouterr().out


def test_a_seat_that_handles_nothing_is_refused() -> None:
    assert CliRunner().invoke(app, ["demand", "--seat-day", "0"]).exit_code == 1
