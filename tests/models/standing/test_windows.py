"""Deadline rules as windows: statutory examples to the day, and laws that hold of every rule."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.deadline import anchor_of, parse_deadline
from catalog.duty import Duty
from models.recommendation import Window
from models.standing.windows import anchored_window, neighbours
from models.standing.working_days import published_calendar

CALENDAR = published_calendar()


def duty(expression: str, rolls: bool = False) -> Duty:
    return Duty(expression=expression, rule=parse_deadline(expression), rolls=rolls)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("expression", "anchor", "opens_on", "due_on"),
    [
        # 户口登记条例 7: birth registration within a month; 民法典 202: the month's last day.
        ("within(child_birth_date,+1M)", "2026-01-31", "2026-01-31", "2026-02-28"),
        ("within(child_birth_date,+1M)", "2024-01-31", "2024-01-31", "2024-02-29"),
        ("within(child_birth_date,+1M)", "2026-11-30", "2026-11-30", "2026-12-30"),
        # 居民身份证法 7: the first identity card within three months of turning 16.
        ("within(birthday16_date,+3M)", "2026-11-30", "2026-11-30", "2027-02-28"),
        # 机动车驾驶证申领和使用规定: within 90 days before expiry.
        ("window(driver_licence_expiry_date,-90D,+0D)", "2027-01-01", "2026-10-03", "2027-01-01"),
        ("window(id_card_expiry_date,-3M,+0D)", "2026-05-31", "2026-02-28", "2026-05-31"),
        ("window(child_birth_date,+0D,+3Y)", "2024-02-29", "2024-02-29", "2027-02-28"),
        # 社会保险法 57: social insurance registration within 30 days.
        ("within(established_date,+30D)", "2026-12-15", "2026-12-15", "2027-01-14"),
        # 食品经营许可和备案管理办法: 90 to 15 working days before expiry.
        ("window(food_permit_expiry_date,-90WD,-15WD)", "2026-06-30", "2026-02-12", "2026-06-08"),
        ("within(deceased_relative_death_date,+20WD)", "2026-02-10", "2026-02-10", "2026-03-16"),
        ("within(foreigner_checkin_date,+24H)", "2026-12-31", "2026-12-31", "2027-01-01"),
        ("before(pollution_permit_expiry_date,-60D)", "2026-03-01", "2025-07-04", "2025-12-31"),
        ("before(property_registration_date)", "2026-12-01", "2026-06-04", "2026-12-01"),
        ("window(trademark_expiry_date,-12M,+6M)", "2026-08-31", "2025-08-31", "2027-02-28"),
    ],
)
def test_windows_that_count_from_a_date(expression: str, anchor: str, opens_on: str, due_on: str) -> None:
    window = anchored_window(duty(expression), day(anchor), CALENDAR)
    assert (window.opens_on, window.due_on) == (day(opens_on), day(due_on))
    assert window.cycle == f"once:{anchor}"


def around(expression: str, on: str, anchor: str | None = None, rolls: bool = False) -> list[str | None]:
    """Cycles: closed, the open ones, next."""
    found = neighbours(duty(expression, rolls), day(anchor) if anchor else None, day(on), CALENDAR)
    return [
        found.closed.cycle if found.closed else None,
        " ".join(window.cycle for window in found.open) or None,
        found.next.cycle if found.next else None,
    ]


@pytest.mark.parametrize(
    ("expression", "on", "expected"),
    [
        ("annual(01-01..06-30)", "2026-06-30", ["2025", "2026", "2027"]),
        ("annual(01-01..06-30)", "2026-07-01", ["2026", None, "2027"]),
        ("annual(01-01..12-31)", "2026-12-31", ["2025", "2026", "2027"]),
        ("annual(01-01..12-31)", "2027-01-01", ["2026", "2027", "2028"]),
        ("annual(01-01..03-08;08-01..10-08)", "2026-05-01", ["2026-S1", None, "2026-S2"]),
        ("annual(12-01..12-31;01-01..02-10;06-01..08-10)", "2027-01-05", ["2026-S1", "2027-S2", "2027-S3"]),
        ("monthly(1..15)", "2026-11-21", ["2026-11", None, "2026-12"]),
        ("monthly(1..15)", "2027-01-01", ["2026-12", "2027-01", "2027-02"]),
        ("monthly(20..31)", "2026-02-28", ["2026-01", "2026-02", "2026-03"]),
        ("quarterly(+15D)", "2026-10-10", ["2026-Q2", "2026-Q3", "2026-Q4"]),
        ("quarterly(+15D)", "2027-01-15", ["2026-Q3", "2026-Q4", "2027-Q1"]),
        ("quarterly(+15D)", "2027-01-16", ["2026-Q4", None, "2027-Q1"]),
    ],
)
def test_cycles_of_the_calendar(expression: str, on: str, expected: list[str | None]) -> None:
    assert around(expression, on) == expected


def test_cycles_that_recur_are_counted_from_the_anchor() -> None:
    expression, anchor = "recurring(last_pension_auth_date,12M,-1M,+0D)", "2024-02-29"
    assert around(expression, "2025-01-27", anchor) == [None, None, "2025-02-28"]
    assert around(expression, "2025-01-28", anchor) == [None, "2025-02-28", "2026-02-28"]
    assert around(expression, "2028-02-10", anchor) == ["2027-02-28", "2028-02-29", "2029-02-28"]
    assert around(expression, "2050-06-01", anchor) == ["2050-02-28", None, "2051-02-28"]


def test_a_tax_window_is_lengthened_by_a_long_holiday() -> None:
    """October 2026: seven days of holiday, so filing ends on the 26th."""
    assert around("monthly(1..15)", "2026-10-20", rolls=True) == ["2026-09", "2026-10", "2026-11"]
    assert around("monthly(1..15)", "2026-10-27", rolls=True) == ["2026-10", None, "2026-11"]
    assert around("monthly(1..15)", "2026-10-20", rolls=False) == ["2026-10", None, "2026-11"]


def test_an_annual_settlement_rolls_but_is_not_lengthened() -> None:
    """31 May 2026 is a Sunday: 实施细则 109, the last day alone."""
    found = neighbours(duty("annual(01-01..05-31)", rolls=True), None, day("2026-05-31"), CALENDAR)
    assert found.open[0].due_on == day("2026-06-01")
    unrolled = neighbours(duty("annual(01-01..05-31)"), None, day("2026-05-31"), CALENDAR)
    assert unrolled.open[0].due_on == day("2026-05-31")


def test_dates_that_rest_on_unpublished_holidays_are_provisional() -> None:
    in_2031 = neighbours(duty("monthly(1..15)", rolls=True), None, day("2031-03-03"), CALENDAR).open[0]
    assert in_2031.provisional
    assert not neighbours(duty("monthly(1..15)"), None, day("2031-03-03"), CALENDAR).open[0].provisional
    assert anchored_window(duty("within(hire_date,+20WD)"), day("2031-03-03"), CALENDAR).provisional
    assert not anchored_window(duty("within(hire_date,+20WD)"), day("2026-03-03"), CALENDAR).provisional
    assert not anchored_window(duty("within(hire_date,+20D)"), day("2031-03-03"), CALENDAR).provisional


def test_a_rule_that_counts_from_a_date_needs_one() -> None:
    with pytest.raises(ValueError, match="counts from a date"):
        neighbours(duty("within(hire_date,+30D)"), None, day("2026-11-21"), CALENDAR)


EXPRESSIONS = st.sampled_from(
    [
        "within(a,+1M)",
        "within(a,+20WD)",
        "within(a,+24H)",
        "before(a)",
        "before(a,-30WD)",
        "before(a,-6M)",
        "window(a,-90D,+0D)",
        "window(a,-90WD,-15WD)",
        "window(a,-12M,+6M)",
        "annual(01-01..06-30)",
        "annual(01-01..03-08;08-01..10-08)",
        "annual(12-01..12-31;01-01..02-10;06-01..08-10)",
        "monthly(1..15)",
        "monthly(20..31)",
        "quarterly(+15D)",
        "recurring(a,12M,-1M,+0D)",
        "recurring(a,24M,-3M,+0D)",
        "recurring(a,1Y,-30D,+10D)",
    ]
)
ANCHORS = st.dates(dt.date(2010, 1, 1), dt.date(2029, 12, 31))
DAYS = st.dates(dt.date(2015, 1, 1), dt.date(2030, 12, 31))


def seen(expression: str, rolls: bool, anchor: dt.date, on: dt.date) -> list[Window]:
    found = neighbours(duty(expression, rolls), anchor, on, CALENDAR)
    windows = [found.closed, *found.open, found.next]
    return [window for window in windows if window is not None]


@settings(deadline=None)
@given(EXPRESSIONS, st.booleans(), ANCHORS, DAYS)
def test_windows_lie_as_their_names_say(expression: str, rolls: bool, anchor: dt.date, on: dt.date) -> None:
    found = neighbours(duty(expression, rolls), anchor, on, CALENDAR)
    assert all(window.opens_on <= window.due_on for window in seen(expression, rolls, anchor, on))
    assert found.closed is None or found.closed.due_on < on
    assert all(window.opens_on <= on <= window.due_on for window in found.open)
    assert found.next is None or found.next.opens_on > on


@settings(deadline=None)
@given(EXPRESSIONS, st.booleans(), ANCHORS, DAYS, st.integers(0, 400))
def test_a_cycle_is_the_same_on_whichever_day_one_asks(
    expression: str, rolls: bool, anchor: dt.date, on: dt.date, later: int
) -> None:
    first = {w.cycle: w for w in seen(expression, rolls, anchor, on)}
    for window in seen(expression, rolls, anchor, on + dt.timedelta(days=later)):
        assert first.get(window.cycle, window) == window


@settings(deadline=None)
@given(EXPRESSIONS, ANCHORS, DAYS)
def test_cycles_do_not_overlap_and_have_names_of_their_own(
    expression: str, anchor: dt.date, on: dt.date
) -> None:
    windows = sorted(seen(expression, False, anchor, on), key=lambda window: window.opens_on)
    assert len({window.cycle for window in windows}) == len(windows)
    for one, other in pairwise(windows):
        assert one.due_on < other.opens_on


@settings(deadline=None)
@given(EXPRESSIONS, ANCHORS, DAYS)
def test_rolling_never_shortens_and_ends_on_a_working_day(
    expression: str, anchor: dt.date, on: dt.date
) -> None:
    plain = {w.cycle: w for w in seen(expression, False, anchor, on)}
    for window in seen(expression, True, anchor, on):
        assert CALENDAR.is_working(window.due_on)
        assert window.cycle not in plain or window.due_on >= plain[window.cycle].due_on


@pytest.mark.parametrize("expression", ["annual(01-01..06-30)", "monthly(1..15)", "quarterly(+15D)"])
def test_rules_of_the_calendar_count_from_no_date(expression: str) -> None:
    assert anchor_of(parse_deadline(expression)) is None
    with pytest.raises(ValueError, match="every cycle"):
        anchored_window(duty(expression), day("2026-11-21"), CALENDAR)
