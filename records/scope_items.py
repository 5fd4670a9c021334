"""What scope items there are, and whose they are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, select

from catalog.vocabulary import Scope, SubjectKind
from records.tables import scope_item as scope_items
from records.tables import subject as subjects


@dataclass(frozen=True, slots=True)
class OwnedThing:
    """A scope item, with its owner."""

    id: str
    scope: Scope
    owner: str
    kind: SubjectKind
    """What the owner is."""


def owned_things(connection: Connection, ids: Collection[str]) -> dict[str, OwnedThing]:
    """Those of the scope items that the records hold, by id."""
    s = scope_items.c
    statement = select(s.id, s.scope, s.owner, subjects.c.kind).join(subjects, subjects.c.id == s.owner)
    rows = connection.execute(statement.where(s.id.in_(ids)))
    return {id_: OwnedThing(id_, Scope(scope), owner, SubjectKind(kind)) for id_, scope, owner, kind in rows}
