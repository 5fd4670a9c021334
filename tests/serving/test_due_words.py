"""When, in words: what is long past or far off is told by its date, not by counting days."""

from __future__ import annotations

import datetime as dt

import pytest

from models.recommendation import Entry, Standing, Urgency
from serving.pages.due import due_of
from serving.wording import load_words

WORDS = load_words()["zh"]
ON = dt.date(2026, 11, 21)


def entry(standing: Standing, due_in: int, urgency: Urgency | None = None) -> Entry:
    due_on = ON + dt.timedelta(days=due_in)
    return Entry("item", "s", None, standing, False, "once", urgency=urgency, due_on=due_on)


@pytest.mark.parametrize(
    ("days", "told"),
    [(12, "还有 12 天"), (180, "还有 180 天"), (181, None), (1807, None), (0, "今天截止"), (-91, None)],
)
def test_days_are_counted_while_the_figure_tells_something(days: int, told: str | None) -> None:
    due = due_of(entry(Standing.SHOULD_DO, days, Urgency.OBLIGATION), ON, WORDS)
    assert due is not None
    assert due.countdown == told


def test_what_is_long_past_and_not_on_record_is_no_deadline_to_come() -> None:
    past, ahead = (due_of(entry(Standing.NEEDS_INFORMATION, days), ON, WORDS) for days in (-700, 20))
    assert past is not None and "如果还没办过：应于" in past.text
    assert ahead is not None and ahead.text.startswith("如果适用")
