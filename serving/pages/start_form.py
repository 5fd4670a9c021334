"""The button of a card that begins the matter at the portal; it works without scripts."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.catalogue import Item
from models.recommendation import Entry
from serving.hand_over.beginning import may_start


@dataclass(frozen=True, slots=True)
class StartForm:
    """What the form sends, and where to."""

    url: str
    item: str
    scope_item: str
    cycle: str
    token: str | None


def start_form(entry: Entry, item: Item, home_url: str, token: str | None) -> StartForm | None:
    """The form of an entry's card; None where there is nothing to begin."""
    if not may_start(entry, item):
        return None
    return StartForm(f"{home_url}/start", entry.item, entry.scope_item, entry.cycle, token)
