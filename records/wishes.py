"""What subjects said of the items they were shown: not for me, later, done already, and take it back."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Final

import polars as pl
from sqlalchemy import Connection, select, update

from models.feedback.wishes import Said, Wanted
from records.arrivals import Came, note_arrivals
from records.bulk import rows_with_keys
from records.insertion import insert_new
from records.interactions import require_own
from records.invitations import POSTPONED, postponed
from records.settings import SHANGHAI
from records.tables import case as cases
from records.tables import interaction as interactions
from records.tables import invitation as invitations

MEANING: Final[dict[str, Wanted]] = {
    "dismiss": "not_for_me",
    "click": "again",
    "start": "again",
    "submit": "again",
    "complete": "again",
}
"""What an interaction with an item says of recommending it: whoever takes it up wants it after all."""


def said_by(connection: Connection, subject: str) -> tuple[Said, ...]:
    """All a subject said of recommending items, in no order; empty for one who never refused any."""
    i = interactions.c
    refused = select(i.item).where(i.subject == subject, i.kind == "dismiss", i.item.is_not(None))
    statement = select(i.item, i.scope_item, i.kind, i.at).where(
        i.subject == subject, i.kind.in_(MEANING), i.item.in_(refused)
    )
    told = [
        Said(item, scope_item, MEANING[kind], at, at.astimezone(SHANGHAI).date())
        for item, scope_item, kind, at in connection.execute(statement)
    ]
    return (*told, *postponed(connection, subject))


def said_by_many(connection: Connection, ids: pl.Series) -> dict[str, tuple[Said, ...]]:
    """The same of each of many subjects who said anything."""
    i = interactions.c
    mine = ids.rename("subject").to_frame()
    columns = select(i.subject, i.item, i.scope_item, i.kind, i.at)
    refused = rows_with_keys(connection, interactions, mine, columns.where(i.kind == "dismiss"))
    matters = refused.drop_nulls("item").select("subject", "item").unique()
    told = rows_with_keys(connection, interactions, matters, columns.where(i.kind.in_(MEANING)))
    found: dict[str, list[Said]] = {}
    for subject, item, scope_item, kind, at in told.iter_rows():
        on = at.astimezone(SHANGHAI).date()
        found.setdefault(subject, []).append(Said(item, scope_item, MEANING[kind], at, on))
    for subject, said in _postponed_by_many(connection, ids).items():
        found.setdefault(subject, []).extend(said)
    return {subject: tuple(said) for subject, said in found.items()}


def declare_done(
    connection: Connection, subject: str, scope_item: str, item: str, cycle: str, at: dt.datetime
) -> bool:
    """Keep that a subject says an item is done for a cycle; whether that is new.

    ScopeItemNotTheirs for somebody else's scope item. It is kept as a case of its own status and claims
    nothing more.
    """
    require_own(connection, subject, {scope_item})
    id_ = _case_id(scope_item, item, cycle)
    row = {
        "id": id_,
        "scope_item": scope_item,
        "item": item,
        "cycle": cycle,
        "status": "self_declared",
        "channel": "online",
        "opened_at": at,
        "closed_at": at,
    }
    new = bool(insert_new(connection, cases, "id", [row]))
    if not new:
        told_again = update(cases).where(cases.c.id == id_, cases.c.status == "withdrawn")
        changed = connection.execute(told_again.values(status="self_declared", opened_at=at, closed_at=at))
        new = changed.rowcount > 0
    if new:
        note_arrivals(connection, [Came(subject, "case", (id_,), frozenset({item}))])
    return new


def take_back_done(
    connection: Connection, subject: str, scope_item: str, item: str, cycle: str, at: dt.datetime
) -> bool:
    """Take back what `declare_done` kept; whether there was anything. ScopeItemNotTheirs as there."""
    require_own(connection, subject, {scope_item})
    id_ = _case_id(scope_item, item, cycle)
    declared = update(cases).where(cases.c.id == id_, cases.c.status == "self_declared")
    taken = connection.execute(declared.values(status="withdrawn", closed_at=at)).rowcount > 0
    if taken:
        note_arrivals(connection, [Came(subject, "case", (id_,), frozenset({item}))])
    return taken


def _postponed_by_many(connection: Connection, ids: pl.Series) -> dict[str, tuple[Said, ...]]:
    """What each of many subjects said to be reminded of later."""
    i = invitations.c
    columns = select(i.subject, i.item, i.scope_item, i.answered_at, i.suggested_on).where(
        i.status == POSTPONED, i.answered_at.is_not(None)
    )
    rows = rows_with_keys(connection, invitations, ids.rename("subject").to_frame(), columns)
    found: dict[str, list[Said]] = {}
    for subject, item, scope_item, at, until in rows.iter_rows():
        one = Said(item, scope_item, "later", at, at.astimezone(SHANGHAI).date(), until)
        found.setdefault(subject, []).append(one)
    return {subject: tuple(said) for subject, said in found.items()}


def _case_id(scope_item: str, item: str, cycle: str) -> str:
    """The same matter has the same id, so that it is declared once however often the form is sent."""
    key = "\x1f".join((scope_item, item, cycle)).encode()
    return f"said-{hashlib.blake2b(key, digest_size=12).hexdigest()}"
