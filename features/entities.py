"""What features are told of: a subject, one thing of theirs, or an item of the catalogue."""

from __future__ import annotations

from typing import Final

from feast import Entity, ValueType

from catalog.vocabulary import Scope, SubjectKind
from features.naming import entity_name
from features.registers import kinds_and_scopes

SCOPE_ITEM: Final = "scope_item"
"""The join key of every entity that is a scope item; a subject is one of its own."""
ITEM: Final = "item"


def scope_item_entity(kind: SubjectKind, scope: Scope) -> Entity:
    """The entity of such scope items, keyed by their id."""
    return Entity(
        name=entity_name(kind, scope),
        join_keys=[SCOPE_ITEM],
        value_type=ValueType.STRING,
        description=f"A {kind}" if scope is Scope.SELF else f"A {scope} of a {kind}",
    )


def public_service_entity() -> Entity:
    """The entity of public services, keyed by their id."""
    return Entity(
        name="public_service", join_keys=[ITEM], value_type=ValueType.STRING, description="A public service"
    )


def build_entities() -> dict[str, Entity]:
    """Every entity, by name."""
    found = {entity_name(kind, scope): scope_item_entity(kind, scope) for kind, scope in kinds_and_scopes()}
    return found | {"public_service": public_service_entity()}
