"""Counting in calendar months and years, with the written rule for days a month does not have.

The rule: a period of months or years ends on the corresponding day of its last month, and, where
that month has no such day, on its last day (民法典 第202条; months and years are those of the
calendar, 第200条). A child born on 29 February is therefore a year older on 28 February of a common
year. The age counts from the birthday itself, as 居民身份证法 第2条 and 老年人权益保障法 第2条 are
administered; only criminal law starts on the day after.
"""

from __future__ import annotations

import calendar
import datetime as dt


def add_months(day: dt.date, months: int) -> dt.date:
    """The corresponding day so many months on, or that month's last day. Raises OverflowError."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        raise OverflowError(f"{day} {months:+d} months is outside the calendar")
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def add_years(day: dt.date, years: int) -> dt.date:
    """The corresponding day so many years on, or that month's last day. Raises OverflowError."""
    return add_months(day, 12 * years)


def months_between(start: dt.date, end: dt.date) -> int:
    """Completed months: the largest n for which `add_months(start, n)` is not after `end`."""
    months = (end.year - start.year) * 12 + end.month - start.month
    last = calendar.monthrange(end.year, end.month)[1]
    return months - (end.day < min(start.day, last))


def years_between(start: dt.date, end: dt.date) -> int:
    """Completed years: the largest n for which `add_years(start, n)` is not after `end`."""
    return months_between(start, end) // 12


def stepped_months(day: dt.date, first: dt.date, every: int, most: int) -> int:
    """Months of delay: 1 from `first`'s month on, 1 more for each further `every` months, at most `most`.

    The shape of the tables of 国务院关于渐进式延迟法定退休年龄的办法 (2024).
    """
    months = (day.year - first.year) * 12 + day.month - first.month
    return min(months // every + 1, most) if months >= 0 else 0
