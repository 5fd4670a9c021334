"""From weeks and windows to a plan: numbered alike, scaled, and without cells that tell of a few."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import polars as pl
import pytest

from models.demand_forecast.backtest import rolled
from models.standing.working_days import published_calendar
from pipelines.demand.plan import PLAN, office_shares, plan_of, seats, without_small_cells
from pipelines.demand.weeks import Weeks, weeks_until
from privacy.aggregates import SMALLEST
from tests.models.demand_forecast.test_demand_forecast import HORIZONS, ORIGINS, PANEL
from tests.models.small_catalogue import catalogue, service

CALENDAR = published_calendar()


def test_weeks_begin_on_mondays_and_only_whole_ones_count() -> None:
    weeks = weeks_until(dt.date(2026, 10, 1), dt.date(2026, 11, 21))
    assert weeks == Weeks(dt.date(2026, 9, 28), 7)
    assert weeks.last_day(6) == dt.date(2026, 11, 15)
    assert weeks_until(dt.date(2026, 10, 1), dt.date(2026, 11, 22)).count == 8
    assert weeks_until(dt.date(2026, 11, 20), dt.date(2026, 11, 21)).count == 0
    days = pl.DataFrame({"day": [dt.date(2026, 9, 27), dt.date(2026, 9, 28), dt.date(2026, 10, 5)]})
    assert days.select(weeks.number(pl.col("day"))).to_series().to_list() == [-1, 0, 1]


def test_working_days_of_a_week_follow_the_holidays() -> None:
    weeks = Weeks(dt.date(2026, 9, 28), 2)
    # National Day is off from 1 to 7 October 2026; some weekends around it are worked.
    assert weeks.working_days(CALENDAR, 1)[1] < 5
    assert len(weeks.working_days(CALENDAR, 3)) == 5


@pytest.fixture(scope="module")
def plan() -> pl.DataFrame:
    past = rolled(PANEL, ORIGINS, HORIZONS, len(ORIGINS) - 4, 1)
    expected = np.ones((len(PANEL.series), HORIZONS))
    return plan_of(PANEL, expected, past, PANEL.weeks - 1, 2.0, {"office-0": 0.5})


def test_a_plan_adds_up_at_every_level(plan: pl.DataFrame) -> None:
    assert plan.schema == pl.Schema(PLAN)
    total = 2.0 * len(PANEL.series) * HORIZONS
    sums = plan.group_by("level").agg(pl.col("expected").sum(), pl.col("at_offices").sum())
    assert sums["expected"].to_list() == pytest.approx([total] * 4)
    share = sum(one.authority == "office-0" for one in PANEL.series) / len(PANEL.series)
    assert sums["at_offices"].to_list() == pytest.approx([total * share * 0.5] * 4)
    assert (plan["low"] <= plan["high"]).all()
    assert plan["week"].min() == PANEL.monday(PANEL.weeks)


def test_small_cells_are_for_planners_only(plan: pl.DataFrame) -> None:
    shown = without_small_cells(plan)
    assert shown.filter(pl.col("level") != "total")["counted_last_year"].min() >= SMALLEST  # type: ignore[operator]
    small = plan.with_columns(counted_last_year=pl.lit(SMALLEST - 1))
    assert set(without_small_cells(small)["level"]) == {"total"}


def test_the_share_of_offices_is_drawn_to_that_of_all_where_there_are_few() -> None:
    known = catalogue(service("cs-a"), service("cs-b"))
    cases = pl.DataFrame({"item": ["cs-a"] * 100, "office": [True] * 40 + [False] * 60})
    assert office_shares(cases, known) == pytest.approx({"民政": 0.4})
    assert office_shares(cases.head(0), known) == {}


def test_seats_suffice_for_the_upper_end() -> None:
    assert seats(at_offices_high=101, working_days=5, cases_a_seat_day=10) == math.ceil(101 / 50) == 3
    assert seats(3, 0, 10) == 1
    with pytest.raises(ValueError, match="no case"):
        seats(3, 5, 0)
