"""Suppositions: a masked profile as it would be, were what somebody supposes so.

What is supposed is the asker's own word and no record, so no mask hides it; what the mask hid stays
hidden, and nothing supposed is ever kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from catalog.predicate import presence
from features.schema import MaskedProfile, ScopeItem, Value


def suppose(
    profile: MaskedProfile, told: Mapping[str, Mapping[str, Value]], added: Iterable[ScopeItem] = ()
) -> MaskedProfile:
    """The profile with attributes told otherwise, by scope item, and with scope items added to it.

    Raises KeyError for attributes of a scope item the profile does not know, ValueError for an added
    one that it knows already or that is not the subject's.
    """
    added = tuple(added)
    known = {item.id for item in profile.scope_items}
    for item in added:
        if item.id in known or item.owner != profile.subject:
            raise ValueError(f"{item.id} cannot be added to the scope items of {profile.subject}")
    if strangers := told.keys() - known:
        raise KeyError(f"{profile.subject} has no scope items {sorted(strangers)}")
    changed = tuple(_retold(item, told.get(item.id, {})) for item in profile.scope_items)
    return replace(profile, scope_items=(*changed, *added))


def _retold(item: ScopeItem, told: Mapping[str, Value]) -> ScopeItem:
    # That a value exists, without what it is, would contradict a supposition that there is none.
    gone = {presence(name) for name in told} - told.keys()
    kept = {name: value for name, value in item.attributes.items() if name not in gone}
    return replace(item, attributes={**kept, **told}) if told else item
