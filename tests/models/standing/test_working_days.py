"""Working days of real years, and the law of rolling over holidays."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.standing.working_days import DAY, published_calendar

CALENDAR = published_calendar()
DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 31))


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2026-02-14", True),  # Saturday worked for the Spring Festival
        ("2026-02-15", False),
        ("2026-02-17", False),
        ("2026-02-23", False),
        ("2026-02-24", True),
        ("2026-02-28", True),  # Saturday worked for the Spring Festival
        ("2026-05-05", False),
        ("2026-05-09", True),
        ("2026-09-20", True),
        ("2026-10-10", True),
        ("2026-11-21", False),
        ("2026-11-23", True),
    ],
)
def test_the_notice_of_2026(day: str, worked: bool) -> None:
    assert CALENDAR.is_working(dt.date.fromisoformat(day)) is worked


def test_a_year_without_a_notice_has_weekends_alone_and_says_so() -> None:
    new_year = dt.date(2031, 1, 1)
    assert CALENDAR.is_working(new_year)
    assert not CALENDAR.is_working(dt.date(2031, 1, 4))
    assert not CALENDAR.is_published(new_year, new_year)
    assert CALENDAR.is_published(dt.date(2025, 1, 1), dt.date(2026, 12, 31))
    assert not CALENDAR.is_published(dt.date(2026, 12, 31), dt.date(2031, 1, 1))


@pytest.mark.parametrize(
    ("day", "working_days", "expected"),
    [
        ("2026-02-13", 1, "2026-02-14"),
        ("2026-02-13", 2, "2026-02-24"),
        ("2026-02-24", -1, "2026-02-14"),
        ("2026-09-30", 1, "2026-10-08"),
        ("2026-11-20", 10, "2026-12-04"),
        ("2026-11-21", 0, "2026-11-21"),
    ],
)
def test_counting_working_days(day: str, working_days: int, expected: str) -> None:
    assert CALENDAR.shift(dt.date.fromisoformat(day), working_days).isoformat() == expected


@pytest.mark.parametrize(
    ("month", "last_day"),
    [
        (1, 20),
        (2, 24),
        (3, 16),
        (4, 20),
        (5, 22),
        (6, 15),
        (7, 15),
        (8, 17),
        (9, 15),
        (10, 26),
        (11, 16),
        (12, 15),
    ],
)
def test_monthly_filing_ends_as_the_tax_administration_announced_for_2026(month: int, last_day: int) -> None:
    """税总办征科函〔2025〕64号, under 税收征收管理法实施细则 109."""
    first, last = dt.date(2026, month, 1), dt.date(2026, month, 15)
    assert CALENDAR.lengthen(first, last) == dt.date(2026, month, last_day)


@given(DAYS)
def test_rolling_ends_on_the_first_working_day_from_then_on(day: dt.date) -> None:
    rolled = CALENDAR.roll(day)
    assert CALENDAR.is_working(rolled) and rolled >= day
    assert not any(CALENDAR.is_working(day + n * DAY) for n in range((rolled - day).days))


@given(DAYS, st.integers(-40, 40))
def test_a_shift_counts_exactly_so_many_working_days(day: dt.date, count: int) -> None:
    moved = CALENDAR.shift(day, count)
    first, last = (day + DAY, moved) if count >= 0 else (moved, day - DAY)
    worked = [first + n * DAY for n in range((last - first).days + 1)]
    assert sum(CALENDAR.is_working(each) for each in worked) == abs(count)
    assert count == 0 or CALENDAR.is_working(moved)
