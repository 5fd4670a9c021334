"""What registers said since the last materialisation, into the online store at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Engine

from catalog.vocabulary import Scope, SubjectKind
from features.packed import packets_of
from features.retrieval import Written
from features.statements import AttributeHistory
from pipelines.live.failing import is_away, reason_of
from records.arrivals import Arrival
from records.database import reading
from records.scope_items import OwnedThing, owned_things


class Writing(Protocol):
    """The online store, or the store and its copy."""

    def write_newer(
        self, kind: SubjectKind, scope: Scope, packets: Mapping[str, Mapping[str, bytes]]
    ) -> Written:
        """Write the packets that are newer than what is held, each by the time its register spoke."""
        ...


@dataclass(frozen=True, slots=True)
class RegisterPush:
    """Packs the latest word of the registers on scope items that something was told of.

    A packet goes in only where it is newer than the one held, so whatever comes late, twice or out of order
    leaves the store as it would be in order.
    """

    engine: Engine
    history: Callable[[], AttributeHistory]
    online: Callable[[], Writing]
    at: Callable[[], dt.datetime]

    def push(self, came: Mapping[str, Sequence[Arrival]]) -> Mapping[str, str]:
        """By subject whose features could not be made: why."""
        named = {
            subject: {id_ for one in mine if one.came.kind == "register" for id_ in one.came.about}
            for subject, mine in came.items()
        }
        told = {subject: ids for subject, ids in named.items() if ids}
        if not told:
            return {}
        with reading(self.engine) as connection:
            things = owned_things(connection, set().union(*told.values()))
        try:
            self._write(things.values())
        except Exception as error:
            if is_away(error):
                raise
            return self._one_by_one(told, things)
        return {}

    def _one_by_one(
        self, told: Mapping[str, Collection[str]], things: Mapping[str, OwnedThing]
    ) -> dict[str, str]:
        """Find whose statement it is that cannot be packed, and write those of the others."""
        failed: dict[str, str] = {}
        for subject, ids in told.items():
            try:
                self._write(things[id_] for id_ in sorted(ids) if id_ in things)
            except Exception as error:
                if is_away(error):
                    raise
                failed[subject] = reason_of(error)
        return failed

    def _write(self, things: Iterable[OwnedThing]) -> None:
        by_scope: dict[tuple[SubjectKind, Scope], list[str]] = {}
        for thing in things:
            by_scope.setdefault((thing.kind, thing.scope), []).append(thing.id)
        for (kind, scope), ids in sorted(by_scope.items()):
            packets = packets_of(self.history(), kind, scope, ids, self.at())
            if packets:
                self.online().write_newer(kind, scope, packets)
