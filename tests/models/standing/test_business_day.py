"""Instants become business dates in Beijing, whatever the machine's own zone."""

from __future__ import annotations

import datetime as dt
import os
import time

import pytest

from models.standing.business_day import business_date


@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2026-11-21T15:59:59+00:00", "2026-11-21"),
        ("2026-11-21T16:00:00+00:00", "2026-11-22"),
        ("2026-12-31T16:00:00+00:00", "2027-01-01"),
        ("2028-02-28T16:30:00+00:00", "2028-02-29"),
        ("2026-11-22T00:30:00+08:00", "2026-11-22"),
        ("2026-11-21T20:00:00-05:00", "2026-11-22"),
        # Beijing kept summer time in 1986: nine hours ahead of UTC.
        ("1986-07-01T15:30:00+00:00", "1986-07-02"),
    ],
)
def test_the_day_is_the_one_in_beijing(at: str, day: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for zone in ("UTC", "America/New_York", "Pacific/Kiritimati"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        assert business_date(dt.datetime.fromisoformat(at)).isoformat() == day
    monkeypatch.undo()
    time.tzset()
    assert os.environ.get("TZ") != "Pacific/Kiritimati"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        business_date(dt.datetime(2026, 11, 21, 12))  # noqa: DTZ001 - the point of the test
