"""The days windows start on: evenly spaced, back from the last."""

from __future__ import annotations

import datetime as dt
from typing import Final

STEP_DAYS: Final = 30
LOOK_BACK_DAYS: Final = 90
"""How long behaviour must have been recorded before a first landmark can look back on it."""


def landmarks(
    first_day: dt.date, last_day: dt.date, look_back_days: int = LOOK_BACK_DAYS
) -> tuple[dt.date, ...]:
    """Landmarks within what is recorded, ascending; none when that is shorter than the look back."""
    earliest = first_day + dt.timedelta(days=look_back_days)
    count = (last_day - earliest).days // STEP_DAYS + 1
    return tuple(last_day - dt.timedelta(days=STEP_DAYS * i) for i in reversed(range(max(count, 0))))
