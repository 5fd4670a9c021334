"""Years and months are counted by the written rule: the corresponding day, else the month's last."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.anniversary import add_months, add_years, months_between, stepped_months, years_between

days = st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31))


@given(days, days)
def test_completed_months_are_the_most_that_fit(start: dt.date, end: dt.date) -> None:
    months = months_between(start, end)
    assert add_months(start, months) <= end < add_months(start, months + 1)


@given(days, st.integers(-50, 120), days)
def test_an_age_is_reached_on_its_birthday_and_not_before(born: dt.date, years: int, on: dt.date) -> None:
    assert (years_between(born, on) >= years) == (on >= add_years(born, years))


def test_a_child_of_29_february_is_older_on_28_february_of_a_common_year() -> None:
    born = dt.date(2008, 2, 29)
    assert years_between(born, dt.date(2024, 2, 28)) == 15
    assert years_between(born, dt.date(2024, 2, 29)) == 16
    assert years_between(born, dt.date(2025, 2, 27)) == 16
    assert years_between(born, dt.date(2025, 2, 28)) == 17
    assert add_years(born, 18) == dt.date(2026, 2, 28)


def test_a_month_without_the_day_ends_on_its_last() -> None:
    assert add_months(dt.date(2025, 1, 31), 1) == dt.date(2025, 2, 28)
    assert add_months(dt.date(2024, 12, 31), 2) == dt.date(2025, 2, 28)
    assert months_between(dt.date(2025, 1, 31), dt.date(2025, 2, 28)) == 1
    assert months_between(dt.date(2025, 1, 31), dt.date(2025, 2, 27)) == 0


def test_before_the_start_the_count_is_negative() -> None:
    assert years_between(dt.date(2030, 1, 1), dt.date(2029, 12, 31)) == -1


def test_beyond_the_calendar_is_said() -> None:
    with pytest.raises(OverflowError, match="outside the calendar"):
        add_years(dt.date(2000, 1, 1), 9000)


def test_steps_start_with_the_first_month_and_stop_at_the_most() -> None:
    first = dt.date(1965, 1, 1)
    assert [stepped_months(day, first, 4, 36) for day in (dt.date(1964, 12, 31), dt.date(1965, 1, 1))] == [
        0,
        1,
    ]
    assert stepped_months(dt.date(1965, 4, 30), first, 4, 36) == 1
    assert stepped_months(dt.date(1965, 5, 1), first, 4, 36) == 2
    assert stepped_months(dt.date(1999, 1, 1), first, 4, 36) == 36
