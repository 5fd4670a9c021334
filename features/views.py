"""Feature views: profiles packed one `Bytes` feature a register, and named features models train on."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from feast import FeatureView, Field
from feast.types import Bytes

from catalog.catalogue import Catalogue
from features.entities import build_entities
from features.naming import entity_name, profile_view_name, register_feature
from features.registers import kinds_and_scopes, registers_of
from features.sources import view_source

UNLIMITED = dt.timedelta(0)
"""Feast's word for no limit: online reads ignore a view's limit, so each register's own is checked by us."""


def profile_views(catalogue: Catalogue, offline: Path) -> list[FeatureView]:
    """A packed view for every (kind, scope) that a register speaks of."""
    entities = build_entities()
    views = []
    for kind, scope in kinds_and_scopes():
        registers = registers_of(catalogue, kind, scope)
        if not registers:
            continue
        name = profile_view_name(kind, scope)
        views.append(
            FeatureView(
                name=name,
                entities=[entities[entity_name(kind, scope)]],
                schema=[Field(name=register_feature(register), dtype=Bytes) for register in registers],
                source=view_source(offline, name),
                ttl=UNLIMITED,
                description=f"What each register says of a {entity_name(kind, scope)}, packed",
            )
        )
    return views
