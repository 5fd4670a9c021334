"""A row of standings as an entry of a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.recommendation import Entry, Standing


def entry_of_row(row: Mapping[str, Any]) -> Entry:
    """All that a row itself tells; its urgency and reasons are for whoever reads its reason code."""
    return Entry(
        item=row["item"],
        scope_item=row["scope_item"],
        label=None,
        standing=Standing(row["standing"]),
        ready=row["ready"],
        cycle=row["cycle"],
        opens_on=row["opens_on"],
        due_on=row["due_on"],
        missing=tuple(row["missing"]),
    )
