"""What subjects did, packed one packet a subject, online: read in one go where records would be many rows.

A packet holds all interactions of its subject or none: whoever reads compares their number with that on
record, so a packet that is behind is never taken for the whole.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

import msgspec

from catalog.vocabulary import Scope, SubjectKind
from features.naming import acts_view_name, entity_name
from features.schema import Interaction

if TYPE_CHECKING:
    from pathlib import Path

    from feast import FeatureStore, FeatureView

FEATURE: Final = "interactions"
LAYOUT: Final = 1
MOST: Final = 5_000
"""Who did more has no packet: the records are read."""
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND: Final = dt.timedelta(microseconds=1)
_Row = tuple[
    str, str, int, str | None, str | None, str | None, str | None, str | None, int | None, float | None
]


class _Packet(msgspec.Struct, array_like=True, frozen=True):
    layout: int
    rows: list[_Row]


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Packet).decode


def in_order(interactions: Iterable[Interaction]) -> tuple[Interaction, ...]:
    """Newest first, as records.interactions has them; the same set is always in the same order."""
    found = sorted(interactions, key=attrgetter("client_id"))
    return tuple(sorted(found, key=attrgetter("at"), reverse=True))


def pack_acts(interactions: Iterable[Interaction]) -> bytes:
    """The bytes of all that a subject did."""
    return _encode(_Packet(LAYOUT, [_row(one) for one in in_order(interactions)]))


def unpack_acts(packet: bytes) -> tuple[Interaction, ...] | None:
    """What these bytes hold; None where they are of another layout."""
    try:
        found = _decode(packet)
    except msgspec.MsgspecError:
        return None
    return tuple(_interaction(row) for row in found.rows) if found.layout == LAYOUT else None


def acts_views(offline: Path) -> list[FeatureView]:
    """A view for each kind of subject. Pushed when something comes in; no history is kept of it."""
    from feast import FeatureView, Field
    from feast.types import Bytes

    from features.entities import build_entities
    from features.sources import view_source
    from features.views import UNLIMITED

    entities = build_entities()
    return [
        FeatureView(
            name=acts_view_name(kind),
            entities=[entities[entity_name(kind, Scope.SELF)]],
            schema=[Field(name=FEATURE, dtype=Bytes)],
            source=view_source(offline, acts_view_name(kind)),
            ttl=UNLIMITED,
            description=f"What each {kind} did, packed",
        )
        for kind in SubjectKind
    ]


class OnlineActs:
    """The packets in the online store."""

    def __init__(self, store: FeatureStore) -> None:
        from feast.protos.feast.types.EntityKey_pb2 import EntityKey
        from feast.protos.feast.types.Value_pb2 import Value as Cell

        self._store, self._key_type, self._cell_type = store, EntityKey, Cell
        self._provider: Any = store._get_provider()
        self._views: dict[SubjectKind, FeatureView | None] = {}

    def read(self, kind: SubjectKind, subjects: Sequence[str]) -> dict[str, tuple[Interaction, ...]]:
        """By subject, what the store says they did; whoever has no packet that can be read is left out."""
        view = self._view(kind)
        if view is None or not subjects:
            return {}
        keys = [self._key(subject) for subject in subjects]
        rows = self._provider.online_read(self._store.config, view, keys, [FEATURE])
        found = {}
        for subject, (_, cells) in zip(subjects, rows, strict=True):
            cell = (cells or {}).get(FEATURE)
            acts = unpack_acts(cell.bytes_val) if cell is not None and cell.bytes_val else None
            if acts is not None:
                found[subject] = acts
        return found

    def write(self, kind: SubjectKind, acts: Mapping[str, Sequence[Interaction]]) -> int:
        """Write the packets that hold more than the store's; how many.

        What a subject did only grows, so fewer is always older: a late writer takes nothing back.
        """
        view, held = self._view(kind), self.read(kind, list(acts))
        news = {subject: done for subject, done in acts.items() if len(done) > len(held.get(subject, ()))}
        if view is None or not news:
            return 0
        rows = [
            (
                self._key(subject),
                {FEATURE: self._cell_type(bytes_val=pack_acts(done))},
                max(one.at for one in done),
                None,
            )
            for subject, done in news.items()
        ]
        self._provider.online_write_batch(self._store.config, view, rows, None)
        return len(rows)

    def _key(self, subject: str) -> Any:
        return self._key_type(join_keys=["scope_item"], entity_values=[self._cell_type(string_val=subject)])

    def _view(self, kind: SubjectKind) -> FeatureView | None:
        """The view; none where the registry was made before there was one."""
        if kind not in self._views:
            from feast.errors import FeatureViewNotFoundException

            try:
                self._views[kind] = self._store.get_feature_view(acts_view_name(kind))
            except FeatureViewNotFoundException:
                self._views[kind] = None
        return self._views[kind]


def _row(one: Interaction) -> _Row:
    return (
        *(one.client_id, one.kind, (one.at - _EPOCH) // _MICROSECOND),
        *(one.item, one.scope_item, one.channel, one.query, one.slate, one.position, one.propensity),
    )


def _interaction(row: _Row) -> Interaction:
    client_id, kind, at, *rest = row
    given: Any = (client_id, kind, _EPOCH + at * _MICROSECOND, *rest)
    return Interaction(*given)
