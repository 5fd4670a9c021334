"""Feature views: profiles packed one `Bytes` feature a register, and named features models train on."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from feast import Entity, FeatureView, Field
from feast.types import Bytes, Int64, String

from catalog.catalogue import Catalogue
from catalog.vocabulary import Scope, SubjectKind
from features.entities import build_entities
from features.named import RECENCY, counts_of, statistics_columns, traits_of
from features.naming import entity_name, profile_view_name, register_feature
from features.registers import kinds_and_scopes, registers_of
from features.sources import view_source

TRAITS = {kind: f"{kind}_traits" for kind in SubjectKind}
BEHAVIOUR = "citizen_behaviour"
STATISTICS = "public_service_statistics"
UNLIMITED = dt.timedelta(0)
"""Feast's word for no limit: online reads ignore a view's limit, so each register's own is checked by us."""


NAMED_LIFE = dt.timedelta(days=400)
"""A named feature older than this at the asking instant is unknown to a training set."""


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


def named_views(catalogue: Catalogue, offline: Path) -> list[FeatureView]:
    """The features models train on, by name.

    Those of a subject are for training alone: online, they are worked out from the profile that the mask
    let through at that very call, for a consent may have been withdrawn since any materialisation.
    """
    entities = build_entities()
    views = []
    for kind in SubjectKind:
        fields = [Field(name=name, dtype=String) for name in traits_of(catalogue, kind)]
        if fields:
            entity = entities[entity_name(kind, Scope.SELF)]
            views.append(_named(TRAITS[kind], entity, fields, offline, online=False))
    counts = [count.name for count in counts_of(catalogue, SubjectKind.CITIZEN)]
    fields = [Field(name=name, dtype=Int64) for name in (*counts, RECENCY)]
    views.append(_named(BEHAVIOUR, entities["citizen"], fields, offline, online=False))
    fields = [Field(name=name, dtype=Int64) for name in statistics_columns()]
    views.append(_named(STATISTICS, entities["public_service"], fields, offline, online=True))
    return views


def _named(name: str, entity: Entity, fields: list[Field], offline: Path, *, online: bool) -> FeatureView:
    return FeatureView(
        name=name,
        entities=[entity],
        schema=fields,
        source=view_source(offline, name),
        ttl=NAMED_LIFE,
        online=online,
    )
