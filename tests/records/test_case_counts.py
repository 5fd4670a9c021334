"""Cases are counted by item over a window, and too few of them are not told."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Engine, insert

from records.case_counts import SMALLEST_CELL, cases_opened
from records.database import reading, writing
from records.tables import case, scope_item, subject

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def test_cases_of_the_window_are_counted_and_few_are_left_out(engine: Engine) -> None:
    opened = {
        "often": [NOON - DAY * n for n in range(1, SMALLEST_CELL + 4)],
        "just": [NOON] * SMALLEST_CELL,
        "seldom": [NOON - DAY] * (SMALLEST_CELL - 1),
        "long-ago": [NOON - 400 * DAY] * 50,
        "to-come": [NOON + DAY] * 50,
    }
    rows = [
        {
            "id": f"{item}-{n}",
            "scope_item": "s",
            "item": item,
            "cycle": "once",
            "status": "open",
            "opened_at": at,
        }
        for item, times in opened.items()
        for n, at in enumerate(times)
    ]
    with writing(engine) as connection:
        connection.execute(insert(subject).values(id="s", kind="citizen"))
        connection.execute(insert(scope_item).values(id="s", scope="self", owner="s"))
        connection.execute(insert(case), rows)
    with reading(engine) as connection:
        assert cases_opened(connection, NOON - 365 * DAY, NOON) == {
            "often": SMALLEST_CELL + 3,
            "just": SMALLEST_CELL,
        }
