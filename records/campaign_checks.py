"""What a campaign may be about: an item that may be told unasked, and no hold-out where the law bids it."""

from __future__ import annotations

from catalog.audience import AudienceError, parse_audience
from catalog.catalogue import Catalogue
from catalog.predicate import attributes_of
from catalog.public_service import PublicService
from catalog.vocabulary import Delicacy, Nature, Proactive, Sensitivity, Status
from records.campaigns import CampaignRefused, Draft


def check_draft(draft: Draft, catalogue: Catalogue) -> None:
    """Raise CampaignRefused for a draft that the catalogue does not allow."""
    item = catalogue.items.get(draft.item)
    if item is None or item.status is not Status.CONFIRMED or item.subject is not draft.kind:
        raise CampaignRefused("item", f"{draft.item!r} is no confirmed item for a {draft.kind}")
    if item.proactive is not Proactive.PUSH or item.delicacy is Delicacy.SENSITIVE:
        raise CampaignRefused("item", f"{draft.item} is delicate, or not to be told unasked")
    if is_duty(draft.item, catalogue) and draft.hold_out:
        raise CampaignRefused("hold-out", "of a duty everybody is told: only a benefit has a hold-out")
    try:
        parse_audience(draft.audience, draft.kind, catalogue)
    except AudienceError as error:
        raise CampaignRefused("audience", str(error)) from error


def is_duty(item: str, catalogue: Catalogue) -> bool:
    """Whether the law bids the item."""
    found = catalogue.items[item]
    return isinstance(found, PublicService) and found.nature is Nature.OBLIGATION


def tells_something_delicate(draft: Draft, catalogue: Catalogue) -> bool:
    """Whether that somebody is in the audience, or the item itself, is not for others to read."""
    if catalogue.items[draft.item].delicacy is not Delicacy.NORMAL:
        return True
    read = attributes_of(parse_audience(draft.audience, draft.kind, catalogue))
    known = (catalogue.attributes[name] for name in read if name in catalogue.attributes)
    return any(attribute.sensitivity is not Sensitivity.ORDINARY for attribute in known)
