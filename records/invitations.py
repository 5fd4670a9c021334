"""Invitations: what was proposed (候选), for which day, and what the subject answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from typing import Final

from sqlalchemy import Connection, Table, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from models.feedback.wishes import Said
from models.invitation.propose import Proposal, Proposed
from records.interactions import require_own
from records.settings import SHANGHAI
from records.tables import invitation as invitations

POSTPONED: Final = "postponed"
SAID_LATER: Final = "said_later"
"""The reason of an invitation that only exists because the subject asked to be reminded later."""


def proposed_before(connection: Connection, subjects: Collection[str]) -> dict[str, tuple[Proposed, ...]]:
    """Every invitation made to each of these, whatever came of it, as far as `propose` needs it.

    Those to whom none was made are left out.
    """
    i = invitations.c
    statement = select(i.subject, i.scope_item, i.item, i.cycle, i.proposed_at).where(
        i.subject.in_(subjects), i.reason_code != SAID_LATER
    )
    found: dict[str, list[Proposed]] = {}
    for subject, scope_item, item, cycle, at in connection.execute(statement.order_by(i.id)):
        one = Proposed(scope_item, item, cycle, at.astimezone(SHANGHAI).date())
        found.setdefault(subject, []).append(one)
    return {subject: tuple(made) for subject, made in found.items()}


def keep_proposals(connection: Connection, proposals: Iterable[Proposal], at: dt.datetime) -> int:
    """Keep proposals as invitations; how many were new. One matter is proposed once in a cycle.

    What only kept a "later" that has run out makes room for a proposal of the same matter.
    """
    proposals = tuple(proposals)
    _make_room(connection, proposals, at.astimezone(SHANGHAI).date())
    rows = [
        {
            "subject": one.subject,
            "scope_item": one.scope_item,
            "item": one.item,
            "cycle": one.cycle,
            "status": "proposed",
            "suggested_on": one.suggested_on,
            "reason_code": one.reason_code,
            "proposed_at": at,
            "opens_on": one.opens_on,
            "due_on": one.due_on,
            "valid_to": one.valid_to,
            "tight": one.tight,
            "provisional": one.provisional,
        }
        for one in proposals
    ]
    if not rows:
        return 0
    key = ["scope_item", "item", "cycle"]
    statement = _insert(connection, invitations).on_conflict_do_nothing(index_elements=key)
    return len(connection.execute(statement.returning(invitations.c.id), rows).all())


def _make_room(connection: Connection, proposals: Iterable[Proposal], on: dt.date) -> None:
    i = invitations.c
    over = (i.reason_code == SAID_LATER, i.status.in_((POSTPONED, "proposed")), i.suggested_on <= on)
    for one in proposals:
        same = (i.scope_item == one.scope_item, i.item == one.item, i.cycle == one.cycle)
        connection.execute(delete(invitations).where(*same, *over))


def postpone(
    connection: Connection,
    subject: str,
    scope_item: str,
    item: str,
    cycle: str,
    until: dt.date,
    at: dt.datetime,
) -> None:
    """Keep that a subject wants to be reminded of an item no sooner than a day.

    An invitation that was already made is postponed. ScopeItemNotTheirs for somebody else's scope item.
    """
    require_own(connection, subject, {scope_item})
    same = (
        (invitations.c.scope_item == scope_item)
        & (invitations.c.item == item)
        & (invitations.c.cycle == cycle)
    )
    answer = {"status": POSTPONED, "suggested_on": until, "agreed_on": None, "answered_at": at}
    if connection.execute(update(invitations).where(same).values(**answer)).rowcount:
        return
    row = {"subject": subject, "scope_item": scope_item, "item": item, "cycle": cycle}
    made = {**row, **answer, "reason_code": SAID_LATER, "proposed_at": at}
    connection.execute(insert(invitations).values(**made))


def resume(connection: Connection, subject: str, scope_item: str, item: str, at: dt.datetime) -> int:
    """Take back every "later" a subject said of an item; how many there were."""
    mine = (
        (invitations.c.subject == subject)
        & (invitations.c.scope_item == scope_item)
        & (invitations.c.item == item)
        & (invitations.c.status == POSTPONED)
    )
    day = at.astimezone(SHANGHAI).date()
    answer = {"status": "proposed", "suggested_on": day, "answered_at": at}
    return connection.execute(update(invitations).where(mine).values(**answer)).rowcount


def postponed(connection: Connection, subject: str) -> tuple[Said, ...]:
    """What a subject said to be reminded of later, and the day they named."""
    i = invitations.c
    statement = select(i.item, i.scope_item, i.answered_at, i.suggested_on).where(
        i.subject == subject, i.status == POSTPONED, i.answered_at.is_not(None)
    )
    return tuple(
        Said(item, scope_item, "later", at, at.astimezone(SHANGHAI).date(), until)
        for item, scope_item, at, until in connection.execute(statement)
    )


def _insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)
