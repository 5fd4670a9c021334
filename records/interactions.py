"""What a subject did, kept once however often it is sent."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import fields
from typing import Any, Final

from sqlalchemy import Connection, func, select

from features.schema import Interaction
from records.insertion import insert_new
from records.tables import interaction as interactions
from records.tables import scope_item as scope_items

_COLUMNS = (
    interactions.c.client_id,
    interactions.c.kind,
    interactions.c.at,
    interactions.c.item,
    interactions.c.scope_item,
    interactions.c.channel,
    interactions.c.query,
    interactions.c.slate,
    interactions.c.position,
    interactions.c.propensity,
)
_NAMES: Final = tuple(field.name for field in fields(Interaction))


class ClientIdTaken(ValueError):
    """Interactions whose client id already stands for something else."""

    def __init__(self, client_ids: Iterable[str]) -> None:
        self.client_ids = tuple(sorted(set(client_ids)))
        super().__init__(
            f"client_id {', '.join(self.client_ids)} was sent before with another body; "
            "send the same body again, or a new client_id"
        )


class ScopeItemNotTheirs(ValueError):
    """Scope items that the subject does not own."""

    def __init__(self, scope_items: Iterable[str]) -> None:
        self.scope_items = tuple(sorted(set(scope_items)))
        super().__init__(f"scope_item {', '.join(self.scope_items)} is not one of the subject's own")


def append_interactions(connection: Connection, subject: str, sent: Sequence[Interaction]) -> int:
    """Keep what is new of one subject's interactions; how many were new.

    The same interaction again changes nothing. ClientIdTaken for an id with another body and
    ScopeItemNotTheirs for a foreign scope item: the caller's transaction keeps nothing then.
    """
    return len(append_many(connection, [(subject, one) for one in sent]))


def append_many(connection: Connection, sent: Sequence[tuple[str, Interaction]]) -> set[str]:
    """Keep what is new of the interactions of many subjects, as `append_interactions`; the ids of the new."""
    require_all_own(
        connection, {(subject, one.scope_item) for subject, one in sent if one.scope_item is not None}
    )
    rows = [{"subject": subject, **{name: getattr(one, name) for name in _NAMES}} for subject, one in sent]
    added = insert_new(connection, interactions, "client_id", rows)
    if len(added) < len(sent):
        kept = _kept(connection, [one.client_id for _, one in sent])
        taken = [one.client_id for subject, one in sent if kept[one.client_id] != (subject, one)]
        if taken:
            raise ClientIdTaken(taken)
    return added


def recent_interactions(connection: Connection, subject: str, limit: int) -> tuple[Interaction, ...]:
    """The subject's latest interactions, newest first: so many acts, and so many impressions beside them.

    Every page shows a dozen items; were they counted together, what was shown would crowd out what was done.
    """
    newest = (interactions.c.at.desc(), interactions.c.client_id)
    shown = interactions.c.kind == "impression"
    found: list[Interaction] = []
    for which in (~shown, shown):
        statement = select(*_COLUMNS).where(interactions.c.subject == subject, which).order_by(*newest)
        found += map(_interaction, connection.execute(statement.limit(limit)))
    found.sort(key=lambda one: one.client_id)
    found.sort(key=lambda one: one.at, reverse=True)
    return tuple(found)


def counts_of(connection: Connection, subjects: Collection[str]) -> dict[str, int]:
    """By subject, how many interactions are on record; subjects without any are left out."""
    counted = select(interactions.c.subject, func.count()).where(interactions.c.subject.in_(subjects))
    rows = connection.execute(counted.group_by(interactions.c.subject))
    return {row[0]: row[1] for row in rows}


def interactions_with_ids(
    connection: Connection, client_ids: Collection[str]
) -> dict[str, tuple[Interaction, ...]]:
    """By subject, those of these interactions that are on record."""
    found: dict[str, list[Interaction]] = {}
    statement = select(interactions.c.subject, *_COLUMNS)
    for subject, *row in connection.execute(statement.where(interactions.c.client_id.in_(client_ids))):
        found.setdefault(subject, []).append(_interaction(row))
    return {subject: tuple(mine) for subject, mine in found.items()}


def _interaction(row: Sequence[Any]) -> Interaction:
    return Interaction(*row)


def require_own(connection: Connection, subject: str, named: set[str]) -> None:
    """Raise ScopeItemNotTheirs for scope items that the subject does not own."""
    require_all_own(connection, {(subject, scope_item) for scope_item in named})


def require_all_own(connection: Connection, named: set[tuple[str, str]]) -> None:
    """Raise ScopeItemNotTheirs for pairs of a subject and a scope item that is not theirs."""
    if not named:
        return
    wanted = {scope_item for _, scope_item in named}
    statement = select(scope_items.c.owner, scope_items.c.id).where(scope_items.c.id.in_(wanted))
    foreign = named - {(owner, id_) for owner, id_ in connection.execute(statement)}
    if foreign:
        raise ScopeItemNotTheirs(scope_item for _, scope_item in foreign)


def _kept(connection: Connection, client_ids: Sequence[str]) -> dict[str, tuple[str, Interaction]]:
    statement = select(interactions.c.subject, *_COLUMNS).where(interactions.c.client_id.in_(client_ids))
    kept = ((sender, _interaction(body)) for sender, *body in connection.execute(statement))
    return {one.client_id: (sender, one) for sender, one in kept}
