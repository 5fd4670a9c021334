"""Weeks of the business calendar, numbered from the first one there is anything of."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import polars as pl

from models.demand_forecast.panel import WEEK
from models.standing.working_days import WorkingCalendar

ZONE: Final = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class Weeks:
    """Whole weeks from a Monday on; `count` of them are over."""

    first: dt.date
    count: int

    def last_day(self, week: int) -> dt.date:
        """The Sunday that ends a week."""
        return self.first + (week + 1) * WEEK - dt.timedelta(days=1)

    def number(self, day: pl.Expr) -> pl.Expr:
        """The number of the week a date lies in."""
        return (day - pl.lit(self.first)).dt.total_days().floordiv(7)

    def working_days(self, calendar: WorkingCalendar, ahead: int) -> list[float]:
        """Of every week and so many after them."""
        starts = [self.first + n * WEEK for n in range(self.count + ahead)]
        days = [[start + dt.timedelta(days=n) for n in range(7)] for start in starts]
        return [float(sum(map(calendar.is_working, week))) for week in days]


def weeks_until(first: dt.date, on: dt.date) -> Weeks:
    """The whole weeks from the one of `first` until a day."""
    monday = first - dt.timedelta(days=first.weekday())
    return Weeks(monday, max(((on - monday).days + 1) // 7, 0))


def business_day(at: str) -> pl.Expr:
    """The date in Beijing of a column of instants."""
    return pl.col(at).dt.convert_time_zone(ZONE).dt.date()
