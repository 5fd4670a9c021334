"""Instants as business dates: a day in Beijing."""

from __future__ import annotations

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

ZONE: Final = ZoneInfo("Asia/Shanghai")


def business_date(at: dt.datetime) -> dt.date:
    """The date in Beijing at an instant. Raises ValueError for a time without a zone."""
    if at.tzinfo is None:
        raise ValueError(f"{at.isoformat()} has no time zone; instants are aware, in UTC")
    return at.astimezone(ZONE).date()
