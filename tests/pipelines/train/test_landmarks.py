"""Landmarks stay within what is recorded."""

from __future__ import annotations

import datetime as dt
import itertools

from hypothesis import given
from hypothesis import strategies as st

from pipelines.train.landmarks import LOOK_BACK_DAYS, STEP_DAYS, landmarks

FIRST = dt.date(2024, 1, 1)


@given(st.integers(0, 1200), st.integers(0, 400))
def test_they_are_evenly_spaced_back_from_the_last_day(length: int, look_back: int) -> None:
    last = FIRST + dt.timedelta(days=length)
    days = landmarks(FIRST, last, look_back)
    assert list(days) == sorted(days)
    assert all((b - a).days == STEP_DAYS for a, b in itertools.pairwise(days))
    assert all((day - FIRST).days >= look_back for day in days)
    assert not days or days[-1] == last
    # One more would look back on days before the first.
    earliest = days[0] if days else last + dt.timedelta(days=STEP_DAYS)
    assert (earliest - FIRST).days - STEP_DAYS < look_back


def test_too_short_a_record_has_none() -> None:
    assert landmarks(FIRST, FIRST + dt.timedelta(days=LOOK_BACK_DAYS - 1)) == ()
