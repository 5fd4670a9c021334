"""The load of a week is told beside the other weeks, by working day."""

from __future__ import annotations

import datetime as dt

import pytest

from models.demand_forecast.office_load import WeeklyLoad

MONDAY, NEXT = dt.date(2026, 11, 23), dt.date(2026, 11, 30)
LOAD = WeeklyLoad({("a", MONDAY): 10.0, ("a", NEXT): 30.0}, {MONDAY: 5.0, NEXT: 5.0})


def test_a_busy_week_is_over_one_and_a_quiet_one_below() -> None:
    assert LOAD.load("a", MONDAY + dt.timedelta(days=3)) == pytest.approx(0.5)
    assert LOAD.load("a", NEXT) == pytest.approx(1.5)


def test_fewer_working_days_make_each_of_them_busier() -> None:
    short = WeeklyLoad({("a", MONDAY): 10.0, ("a", NEXT): 10.0}, {NEXT: 2.0})
    assert short.load("a", NEXT) > short.load("a", MONDAY)  # type: ignore[operator]


def test_what_is_not_forecast_is_not_known() -> None:
    assert LOAD.load("b", MONDAY) is None
    assert LOAD.load("a", NEXT + dt.timedelta(days=7)) is None
    assert WeeklyLoad({("a", MONDAY): 0.0}, {}).load("a", MONDAY) is None
