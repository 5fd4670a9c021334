"""Secrets of an enterprise: the grant, or the duty, without which nobody computes with one."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.attribute import Attribute
from catalog.catalogue import Catalogue, Item
from catalog.deadline import anchor_of
from catalog.derivation import parse_derivation, reads
from catalog.predicate import attributes_of
from catalog.support_policy import SupportPolicy
from features.schema import UseName
from privacy.purposes import CHANNEL_OF, Mandate, Policy, attribute_target

Needs = frozenset[str]
CLOSED: Needs = frozenset({"never"})
"""Holds a target that nobody can grant."""


def secrecy_needs(
    attribute: Attribute, own: Needs, catalogue: Catalogue, policy: Policy, use: UseName
) -> Needs:
    """What a use of the attribute needs, given what it would need were it no secret."""
    for mandate in policy.secrets.values():
        if attribute.name not in mandate.attributes and attribute.consent_group not in mandate.groups:
            continue
        if use in CHANNEL_OF or use in mandate.never:
            return CLOSED
        if mandate.consent_group is not None and not _is_own_duty(attribute, mandate, catalogue, use):
            own |= {attribute_target(mandate.consent_group)}
    return own


def _is_own_duty(attribute: Attribute, mandate: Mandate, catalogue: Catalogue, use: UseName) -> bool:
    """Whether the use is to assess, and none but the mandate's own authorities' items read the attribute."""
    if use != "assess" or not mandate.own_duty:
        return False
    return all(
        any(office in authority_of(item) for office in mandate.own_duty)
        for item in catalogue.items.values()
        if item.subject is attribute.subject and attribute.name in set(_read(item, catalogue))
    )


def authority_of(item: Item) -> str:
    """Whose item it is."""
    return item.issuer if isinstance(item, SupportPolicy) else item.authority


def _read(item: Item, catalogue: Catalogue) -> Iterator[str]:
    """What an item's conditions, deadline and amount read, and what that is derived from."""
    waiting = [name for criterion in item.criteria for name in attributes_of(criterion.predicate)]
    if item.duty is not None and (anchor := anchor_of(item.duty.rule)) is not None:
        waiting.append(anchor)
    if isinstance(item, SupportPolicy) and item.amount is not None and item.amount.per is not None:
        waiting.append(item.amount.per)
    while waiting:
        name = waiting.pop()
        yield name
        known = catalogue.attributes.get(name)
        if known is not None and known.derived is not None:
            waiting += reads(parse_derivation(known.derived))
