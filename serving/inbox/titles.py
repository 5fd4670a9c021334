"""What things are called: a message by its item, what is followed by its name in the catalogue."""

from __future__ import annotations

from catalog.catalogue import Catalogue, Item
from catalog.event import LifeEvent
from catalog.vocabulary import Names, Proactive, Status, SubjectKind
from records.inbox import Message
from records.tables.vocabulary import FollowedKind


def title_of(message: Message, catalogue: Catalogue) -> Names:
    """What a message is about: in its own words, else by its item's name, else by what it says."""
    if message.names.zh:
        return message.names
    item = None if message.item is None else catalogue.items.get(message.item)
    return message.reason.text if item is None else item.names


def followed_names(kind: FollowedKind, target: str, catalogue: Catalogue, of: SubjectKind) -> Names | None:
    """What can be followed by such subjects, by its name; None for what they cannot follow."""
    if kind == "theme":
        theme = catalogue.themes.get(target)
        return theme.names if theme is not None and theme.subject is of else None
    things: dict[str, Item] | dict[str, LifeEvent]
    things = catalogue.items if kind == "item" else catalogue.events
    thing = things.get(target)
    if thing is None or thing.subject is not of:
        return None
    return thing.names if is_offered(thing) else None


def is_offered(thing: Item | LifeEvent) -> bool:
    """Whether something may be told of unasked, and so be followed: what is looked for alone is not."""
    return thing.status is Status.CONFIRMED and thing.proactive is not Proactive.SEARCH_ONLY
