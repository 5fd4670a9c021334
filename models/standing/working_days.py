"""Working days as the State Council's yearly holiday notices set them, and arithmetic over them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache

DAY = dt.timedelta(days=1)
SATURDAY = 5
LONG_HOLIDAY = 3
"""Days off in a row that lengthen a tax period (税收征收管理法实施细则 109)."""


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Days off on weekdays, working days on weekends, and the years for which both are published.

    In any other year weekends alone are off, and whatever was counted there is provisional.
    """

    days_off: frozenset[dt.date]
    weekends_worked: frozenset[dt.date]
    years: frozenset[int]

    def is_working(self, day: dt.date) -> bool:
        """Whether a day is worked."""
        if day.weekday() >= SATURDAY:
            return day in self.weekends_worked
        return day not in self.days_off

    def is_published(self, first: dt.date, last: dt.date) -> bool:
        """Whether the notices of every year from one day to another are out."""
        return all(year in self.years for year in range(first.year, last.year + 1))

    def roll(self, day: dt.date) -> dt.date:
        """A last day that is a day off ends on the next working day (民法典 203, 实施细则 109)."""
        while not self.is_working(day):
            day += DAY
        return day

    def shift(self, day: dt.date, working_days: int) -> dt.date:
        """So many working days after a day (before it, when negative); the day itself is not counted."""
        step = DAY if working_days >= 0 else -DAY
        for _ in range(abs(working_days)):
            day += step
            while not self.is_working(day):
                day += step
        return day

    def lengthen(self, first: dt.date, last: dt.date) -> dt.date:
        """The end of a filing period: later by as many working days as it holds days of a long holiday.

        A run of three or more days off within the period lengthens it by its days; the tax
        administration counts these as working days in its yearly notice (实施细则 109).
        """
        lost = run = 0
        day = first
        while day <= last:
            run = 0 if self.is_working(day) else run + 1
            if run == LONG_HOLIDAY:
                lost += LONG_HOLIDAY
            elif run > LONG_HOLIDAY:
                lost += 1
            day += DAY
        return self.shift(last, lost) if lost else self.roll(last)


@cache
def published_calendar() -> WorkingCalendar:
    """The calendar of all published holiday notices, as `chinesecalendar` collects them."""
    from chinese_calendar import constants

    holidays, worked = frozenset(constants.holidays), frozenset(constants.workdays)
    return WorkingCalendar(
        days_off=frozenset(day for day in holidays if day.weekday() < SATURDAY),
        weekends_worked=worked,
        years=frozenset(day.year for day in holidays),
    )
