"""Where one subject stands with every item: the first standing that holds, in the order of the words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Iterator

from catalog.catalogue import Catalogue, Item
from features.schema import MaskedProfile
from models.recommendation import Entry, Judgement, Standing, Verdict
from models.standing.completed import finished, started
from models.standing.due import judged, overdue_since
from models.standing.place import HORIZON, Place, place_of
from models.standing.turns import anchor_needed, turns_of
from models.standing.working_days import WorkingCalendar


def stand(
    profile: MaskedProfile,
    catalogue: Catalogue,
    judgement: Judgement,
    calendar: WorkingCalendar,
    *,
    with_refused: bool = False,
) -> tuple[Entry, ...]:
    """Every standing of a subject: an entry for each scope item, item and cycle, in the profile's order.

    Items that are not eligible are left out unless asked for; items unverified, not yet in force or no
    longer in force always are.
    """
    places = (place_of(each, profile, catalogue, judgement, calendar) for each in profile.scope_items)
    return tuple(
        entry
        for place in places
        for entry in _stand(place, with_refused)
        if with_refused or entry.standing is not Standing.NOT_ELIGIBLE
    )


def settled(
    profile: MaskedProfile,
    catalogue: Catalogue,
    judgement: Judgement,
    calendar: WorkingCalendar,
    only: Container[tuple[str, str]] | None = None,
) -> tuple[Entry, ...]:
    """The standings of what holds now or was begun: all that may have to be done, and all that is done.

    The same entries as `stand` makes of these items, at a fraction of its cost: what is undetermined or to
    come is not gone into. With `only`, of these pairs of scope item and item alone.
    """
    places = (place_of(each, profile, catalogue, judgement, calendar) for each in profile.scope_items)
    return tuple(
        entry
        for place in places
        for item, verdict in _offered(place)
        if only is None or (place.scope_item.id, item.id) in only
        if verdict is Verdict.TRUE or place.begun(item)
        for entry in entries_of(place, item, verdict)
        if entry.standing is not Standing.NOT_ELIGIBLE
    )


def in_force(item: Item, on: dt.date) -> bool:
    """Whether a day lies within an item's validity, both ends included."""
    if item.valid_from is None and item.valid_to is None:
        return True
    day = on.isoformat()
    return (item.valid_from or day) <= day <= (item.valid_to or day)


def _stand(place: Place, with_refused: bool) -> Iterator[Entry]:
    for item, verdict in _offered(place):
        if verdict is Verdict.FALSE and not with_refused and _is_hopeless(place, item):
            continue
        yield from entries_of(place, item, verdict)


def _offered(place: Place) -> Iterator[tuple[Item, Verdict]]:
    """The items in force that range over a scope item, each with its verdict."""
    verdicts = place.judgement.verdicts(place.scope_item.id)
    for item in place.catalogue.items_for(place.kind, place.scope_item.scope):
        if in_force(item, place.on):
            yield item, verdicts[item.id]


def _is_hopeless(place: Place, item: Item) -> bool:
    """Whether a refused item was never begun and will not come by time alone: most items are so."""
    if place.begun(item):
        return False
    return place.judgement.eligible_from(place.scope_item.id, item.id, place.on + HORIZON) is None


def entries_of(place: Place, item: Item, verdict: Verdict) -> Iterator[Entry]:
    """The standings of one scope item with one item in force, refusals too: one for each turn that counts."""
    anchor = anchor_needed(item.duty)
    value = place.judgement.value(place.scope_item.id, anchor) if anchor else None
    begun = place.begun(item)
    for turn in turns_of(item, value, place.on, place.calendar):
        on_record = finished(place, item, turn) or started(place, item, turn) if begun else None
        if turn.past:
            # An earlier cycle is worth a line only while something is left of it.
            settled = on_record is not None and on_record.standing is Standing.DONE
            entry = None if settled else on_record or overdue_since(place, item, turn, verdict)
        else:
            entry = on_record or judged(place, item, turn, verdict)
        if entry:
            yield entry
