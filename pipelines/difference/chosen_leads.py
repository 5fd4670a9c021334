"""The days ahead at which a subject chose to be told of what they follow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Final

from catalog.catalogue import Catalogue
from catalog.vocabulary import Proactive
from models.homepage import theme_of_item
from models.recommendation import Entry, Standing
from records.subscriptions import Followed

AHEAD: Final = frozenset({Standing.SHOULD_DO, Standing.CAN_DO})


def lead_reached(entry: Entry, followed: Followed, catalogue: Catalogue, on: dt.date) -> int | None:
    """The shortest of the chosen leads that a standing's last day has come within; None for none.

    Of several that were passed over in days when nobody was told, the last alone is worth telling.
    """
    item = catalogue.items[entry.item]
    if entry.due_on is None or entry.standing not in AHEAD or entry.set_aside is not None:
        return None
    if item.proactive is Proactive.SEARCH_ONLY or entry.due_on < on:
        return None
    left = (entry.due_on - on).days
    leads = followed.leads_for(
        entry.item, theme_of_item(entry.item, catalogue), _events(entry.item, catalogue)
    )
    return min((lead for lead in leads if left <= lead), default=None)


def with_leads(
    entries: Iterable[Entry], followed: Followed, catalogue: Catalogue, on: dt.date
) -> Iterator[tuple[Entry, int]]:
    """The standings to be told of for a lead that was chosen, each with the lead."""
    for entry in entries:
        lead = lead_reached(entry, followed, catalogue, on)
        if lead is not None:
            yield entry, lead


def _events(item: str, catalogue: Catalogue) -> Iterator[str]:
    """The life and business events that an item is a step of."""
    for event in catalogue.events.values():
        if any(step.service == item for stage in event.stages for step in stage):
            yield event.id
