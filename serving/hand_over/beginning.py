"""Whether there is something to begin at a portal."""

from __future__ import annotations

from typing import Final

from catalog.catalogue import Item
from catalog.support_policy import SupportPolicy
from models.recommendation import Entry, Standing

STARTED: Final = (Standing.SHOULD_DO, Standing.CAN_DO)
"""Where one stands when there is something to begin."""


def may_start(entry: Entry, item: Item) -> bool:
    """Whether there is something to begin: not where a benefit comes by itself (免申即享)."""
    by_itself = isinstance(item, SupportPolicy) and item.apply_mode == "no_application"
    return entry.standing in STARTED and not by_itself
