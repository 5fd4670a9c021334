"""How many cases each item has, where they are enough not to tell of anybody."""

from __future__ import annotations

import datetime as dt
from typing import Final

from sqlalchemy import Connection, func, select

from records.tables import case

SMALLEST_CELL: Final = 10
"""Fewer cases than this are not told."""


def cases_opened(connection: Connection, since: dt.datetime, until: dt.datetime) -> dict[str, int]:
    """By item, the cases opened after `since` until `until` (both aware); items with too few are left out."""
    counted = func.count()
    statement = (
        select(case.c.item, counted)
        .where(case.c.opened_at > since, case.c.opened_at <= until)
        .group_by(case.c.item)
        .having(counted >= SMALLEST_CELL)
    )
    return {str(item): int(count) for item, count in connection.execute(statement)}
