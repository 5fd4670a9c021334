"""Reads and writes profiles online: the only caller of the feature store once it is open."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from catalog.catalogue import Catalogue
from catalog.predicate import presence
from catalog.vocabulary import Scope, SubjectKind, ValueType
from features.freshness import ShelfLife
from features.naming import profile_view_name, register_feature
from features.packing import Statement, observed_at, pack, unpack
from features.registers import registers_of, stored_attributes
from features.schema import ABSENT, Value

if TYPE_CHECKING:
    from feast import FeatureStore, FeatureView

Told = tuple[dict[str, Value], dict[str, dt.datetime]]
"""A scope item's attributes that still hold, and when each register last spoke of it."""


class Written(NamedTuple):
    """What became of packets offered to the online store."""

    written: int
    unchanged: int
    older: int
    """Left aside, for the store holds something newer."""


class FeaturesMissing(RuntimeError):
    """The online store holds no view for a scope item of this kind."""


class StatementRefused(ValueError):
    """A statement that the register cannot make; names every fault in it."""


class OnlineProfiles:
    """What the registers said last of scope items, one packet a register."""

    def __init__(
        self,
        store: FeatureStore,
        catalogue: Catalogue,
        shelf_life: ShelfLife,
        clock: Callable[[], dt.datetime],
    ) -> None:
        """`clock` says the (aware) instant at which freshness is judged."""
        from feast.protos.feast.types.EntityKey_pb2 import EntityKey
        from feast.protos.feast.types.Value_pb2 import Value as Cell

        self._store, self._catalogue, self._shelf_life, self._clock = store, catalogue, shelf_life, clock
        self._provider: Any = store._get_provider()
        self._key_type, self._cell_type = EntityKey, Cell
        self._views: dict[tuple[SubjectKind, Scope], tuple[FeatureView | None, dict[str, str]]] = {}
        self._writing = threading.Lock()

    @property
    def store(self) -> FeatureStore:
        """The feature store read from."""
        return self._store

    def read(self, kind: SubjectKind, scope_items: Mapping[Scope, Sequence[str]]) -> dict[str, Told]:
        """By scope item: its attributes, and when each register last spoke of it.

        What a register said longer ago than its shelf life is unknown; its time is told all the same.
        Scope items nobody spoke of are left out. FeaturesMissing before the first materialisation.
        """
        at = self._clock()
        return {
            id_: self._told(packets, at)
            for scope, ids in scope_items.items()
            for id_, packets in self.packets(kind, scope, ids).items()
        }

    def packets(self, kind: SubjectKind, scope: Scope, ids: Sequence[str]) -> dict[str, dict[str, bytes]]:
        """By scope item and register: the packet held, whatever its age."""
        view, registers = self._view(kind, scope)
        if view is None or not ids:
            return {}
        rows = self._provider.online_read(
            self._store.config, view, [self._key(id_) for id_ in ids], list(registers)
        )
        found = {}
        for id_, (_, cells) in zip(ids, rows, strict=True):
            packets = {
                registers[name]: cell.bytes_val
                for name, cell in (cells or {}).items()
                if name in registers and cell.bytes_val
            }
            if packets:
                found[id_] = packets
        return found

    def push(
        self, kind: SubjectKind, scope: Scope, scope_item: str, register: str, statement: Statement
    ) -> bool:
        """Puts a register's newest word online at once; False if it holds one as new or newer.

        StatementRefused for attributes that are not the register's or values of the wrong type.
        """
        self._check(kind, scope, register, statement)
        with self._writing:
            held = self.packets(kind, scope, [scope_item]).get(scope_item, {}).get(register)
            if held is not None and observed_at(held) >= statement.observed_at:
                return False
            self.write(kind, scope, {scope_item: {register: pack(statement)}})
        return True

    def write(self, kind: SubjectKind, scope: Scope, packets: Mapping[str, Mapping[str, bytes]]) -> None:
        """Writes packets by scope item and register, in one transaction, whatever is held."""
        view, registers = self._view(kind, scope)
        if view is None:
            raise FeaturesMissing(f"no register speaks of a {kind}'s {scope}")
        feature_of = {register: feature for feature, register in registers.items()}
        rows = [
            (
                self._key(id_),
                {
                    feature_of[register]: self._cell_type(bytes_val=packet)
                    for register, packet in said.items()
                },
                max(observed_at(packet) for packet in said.values()),
                None,
            )
            for id_, said in packets.items()
        ]
        self._provider.online_write_batch(self._store.config, view, rows, None)

    def write_newer(
        self, kind: SubjectKind, scope: Scope, packets: Mapping[str, Mapping[str, bytes]]
    ) -> Written:
        """Writes the packets that differ from what is held and are not older; says what became of each."""
        with self._writing:
            held = self.packets(kind, scope, list(packets))
            news: dict[str, dict[str, bytes]] = {}
            same = older = 0
            for id_, said in packets.items():
                known = held.get(id_, {})
                for register, packet in said.items():
                    if packet == known.get(register):
                        same += 1
                    elif register in known and observed_at(known[register]) > observed_at(packet):
                        older += 1
                    else:
                        news.setdefault(id_, {})[register] = packet
            if news:
                self.write(kind, scope, news)
        return Written(sum(map(len, news.values())), same, older)

    def _told(self, packets: Mapping[str, bytes], at: dt.datetime) -> Told:
        attributes: dict[str, Value] = {}
        as_of: dict[str, dt.datetime] = {}
        for register, packet in packets.items():
            statement = unpack(packet)
            as_of[register] = statement.observed_at
            if self._shelf_life.holds(register, statement.observed_at, at):
                attributes.update(statement.attributes)
        return attributes, as_of

    def _key(self, scope_item: str) -> Any:
        return self._key_type(
            join_keys=["scope_item"], entity_values=[self._cell_type(string_val=scope_item)]
        )

    def _view(self, kind: SubjectKind, scope: Scope) -> tuple[FeatureView | None, dict[str, str]]:
        """The packed view (none where no register speaks), and the register each of its features carries."""
        if (kind, scope) not in self._views:
            self._views[kind, scope] = self._find_view(kind, scope)
        return self._views[kind, scope]

    def _find_view(self, kind: SubjectKind, scope: Scope) -> tuple[FeatureView | None, dict[str, str]]:
        named = {register_feature(name): name for name in registers_of(self._catalogue, kind, scope)}
        if not named:
            return None, {}
        from feast.errors import FeatureViewNotFoundException

        try:
            view = self._store.get_feature_view(profile_view_name(kind, scope))
        except FeatureViewNotFoundException as fault:
            raise FeaturesMissing(
                f"no features of a {kind}'s {scope} are defined: run `qianmian features`"
            ) from fault
        held = {field.name for field in view.features}
        return view, {feature: name for feature, name in named.items() if feature in held}

    def _check(self, kind: SubjectKind, scope: Scope, register: str, statement: Statement) -> None:
        types = {a.name: a for a in stored_attributes(self._catalogue, kind, scope, register)}
        faults = []
        for name, value in statement.attributes.items():
            if name in types:
                attribute = types[name]
                if value is not ABSENT and not _fits(value, attribute.type, attribute.allowed):
                    faults.append(f"{name}: {value!r} is no {attribute.type} of the register")
            elif not (value is True and any(presence(known) == name for known in types)):
                faults.append(
                    f"{name}: the register {register} states no such attribute of a {kind}'s {scope}"
                )
        if faults:
            raise StatementRefused("; ".join(faults))


def _fits(value: Value, type_: ValueType, allowed: tuple[str, ...]) -> bool:
    match type_:
        case ValueType.BOOLEAN:
            return isinstance(value, bool)
        case ValueType.NUMBER:
            return isinstance(value, int | float) and not isinstance(value, bool)
        case ValueType.DATE:
            return isinstance(value, dt.date) and not isinstance(value, dt.datetime)
        case ValueType.ENUM:
            return isinstance(value, str) and (not allowed or value in allowed)
