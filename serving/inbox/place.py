"""Where on a subject's pages more of a message is."""

from __future__ import annotations

from typing import Final

from catalog.catalogue import Catalogue
from catalog.vocabulary import SubjectKind
from records.inbox import Message
from serving.pages.addresses import home_url
from serving.pages.offices import item_url

PLACES: Final = {"policy_package": "policy-package", "invitation": "invitations"}
"""By kind of message that is about no item."""


def place_of(message: Message, catalogue: Catalogue, kind: SubjectKind, subject: str) -> str | None:
    """The path of the item's page, or of what the message is about; None where there is no more of it."""
    item = None if message.item is None else catalogue.items.get(message.item)
    if item is not None:
        return item_url(item, f"{kind.value}:{subject}", message.scope_item)
    place = PLACES.get(message.kind)
    return None if place is None else f"{home_url(kind, subject)}/{place}"
