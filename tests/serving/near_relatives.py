"""Somebody who died, and the one who is left: for tests of what near relatives may."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import insert

from records.database import writing
from records.departures import Departure, record_departure
from records.tables import relation, scope_item, subject

LATE, LEFT = "c-late", "c-wang"
"""Who died, and their spouse."""
HELD = "京A·L4444"
"""What the late called their car."""
AT = dt.datetime(2026, 11, 20, 2, tzinfo=dt.UTC)


def bury(app: Any, *, dead: bool = True) -> None:
    """Take the late into the records, with a car, a spouse and, unless told otherwise, a death."""
    with writing(app.state.parts.engine) as connection:
        connection.execute(insert(subject).values(id=LATE, kind="citizen"))
        own = [
            {"id": LATE, "scope": "self", "owner": LATE, "label": None},
            {"id": f"{LATE}-car", "scope": "vehicle", "owner": LATE, "label": HELD},
        ]
        connection.execute(insert(scope_item), own)
        row = {"subject": LEFT, "other": LATE, "kind": "spouse", "scope": "*"}
        connection.execute(insert(relation).values(**row))
        if dead:
            record_departure(connection, LATE, Departure("death", AT.date()), AT)
