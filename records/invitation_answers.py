"""What subjects answer to invitations, what completes and ends them; the lists 候选清单 and 拟办清单."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, or_, select, update

from features.schema import Case
from models.invitation.answering import (
    OPEN,
    Answer,
    Answered,
    Status,
    Terms,
    aged,
    answered,
    completed,
)
from records.invitations import SAID_LATER
from records.settings import SHANGHAI
from records.tables import inbox, outbox
from records.tables import invitation as invitations
from records.telling import untell

REAL: Final = invitations.c.reason_code != SAID_LATER
"""What the engine proposed; a mere "later" that a subject said of a card is no invitation."""


class UnknownInvitation(LookupError):
    """The subject has no such invitation."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation as it stands."""

    id: int
    subject: str
    scope_item: str
    item: str
    cycle: str
    state: Answered
    suggested_on: dt.date
    reason_code: str
    proposed_at: dt.datetime
    opens_on: dt.date | None
    due_on: dt.date | None
    valid_to: dt.date | None
    tight: bool
    provisional: bool
    key: str | None
    delivered_at: dt.datetime | None

    @property
    def status(self) -> Status:
        """Which of the six."""
        return self.state.status

    @property
    def terms(self) -> Terms:
        """The days it allows."""
        return Terms(self.opens_on, self.valid_to)


def invitations_of(connection: Connection, subject: str) -> tuple[Invitation, ...]:
    """Every invitation ever made to the subject, those suggested for the earliest day first."""
    return _read(connection, invitations.c.subject == subject)


def candidates(connection: Connection, subject: str, on: dt.date) -> tuple[Invitation, ...]:
    """候选清单: what is proposed and not answered on a day; what was put off, from the day it comes back."""
    found = invitations_of(connection, subject)
    return tuple(one for one in found if aged(one.state, one.terms, on).status == "proposed")


def agreed(connection: Connection, subject: str, on: dt.date) -> tuple[Invitation, ...]:
    """拟办清单: what the subject accepted and has not done, the nearest day first."""
    found = invitations_of(connection, subject)
    open_ = [one for one in found if aged(one.state, one.terms, on).status == "accepted"]
    return tuple(sorted(open_, key=lambda one: (one.state.agreed_on or dt.date.max, one.id)))


def answer_invitation(
    connection: Connection, subject: str, invitation: int, answer: Answer, at: dt.datetime
) -> Invitation:
    """Keep what the subject answers; the same answer again changes nothing.

    What was told of it is taken back with the first answer. Raises UnknownInvitation and AnswerRefused.
    """
    mine = (invitations.c.id == invitation) & (invitations.c.subject == subject)
    found = _read(connection, mine, lock=True)
    if not found:
        raise UnknownInvitation(f"the subject has no invitation {invitation}")
    was, on = found[0], at.astimezone(SHANGHAI).date()
    becomes = answered(aged(was.state, was.terms, on), was.terms, answer, on)
    _keep(connection, was, becomes, at, {"answered_at": at})
    return _read(connection, invitations.c.id == invitation)[0]


def complete_invitations(connection: Connection, case: Case) -> int:
    """Let a successful case complete the invitations to its matter; how many that changed.

    In whatever order cases come in, and however often, the outcome is the same.
    """
    if case.status != "succeeded":
        return 0
    at = case.closed_at or case.opened_at
    i = invitations.c
    same = (i.scope_item == case.scope_item) & (i.item == case.item) & (i.cycle == case.cycle)
    found = _read(connection, same, lock=True)
    return sum(_keep(connection, one, completed(one.state, case.id, at), at) for one in found)


def age_invitations(
    connection: Connection, on: dt.date, at: dt.datetime, size: int = 1000
) -> tuple[int, tuple[Invitation, ...]]:
    """Let invitations whose last day is over run out, at most `size`; how many, and what came back.

    What comes back was put off until this day or an earlier one: it is proposed again, to be told again.
    """
    i = invitations.c
    over = i.status.in_(OPEN) & (i.valid_to < on)
    back = (i.status == "postponed") & (i.suggested_on <= on)
    expired, again = 0, []
    for one in _read(connection, or_(over, back), lock=True, most=size):
        becomes = aged(one.state, one.terms, on)
        if _keep(connection, one, becomes, at):
            expired += becomes.status == "expired"
            if becomes.status == "proposed":
                again.append(one)
    return expired, tuple(again)


def note_delivered(connection: Connection, keys: Mapping[int, str], at: dt.datetime) -> None:
    """Note by which message each invitation was put before its subject; the first time counts."""
    for id_, key in keys.items():
        mine = update(invitations).where(invitations.c.id == id_)
        connection.execute(mine.values(key=key))
        connection.execute(mine.where(invitations.c.delivered_at.is_(None)).values(delivered_at=at))


def undelivered(connection: Connection, subjects: Iterable[str]) -> tuple[Invitation, ...]:
    """What was proposed to these subjects and has not been put before them."""
    i = invitations.c
    waiting = i.subject.in_(list(subjects)) & (i.status == "proposed") & i.key.is_(None)
    return _read(connection, waiting)


def open_invitations(connection: Connection, subjects: Iterable[str]) -> tuple[Invitation, ...]:
    """What was proposed to these subjects and has not come to an end."""
    i = invitations.c
    return _read(connection, i.subject.in_(list(subjects)) & i.status.in_(OPEN))


def end_invitation(connection: Connection, one: Invitation, at: dt.datetime, *, done: bool) -> bool:
    """End an open invitation whose matter is done, or is no longer the subject's; whether it was open."""
    if one.status not in OPEN:
        return False
    ended = replace(one.state, status="expired", shown_on=None)
    if done:
        ended = replace(ended, status="completed", completed_at=at)
    return _keep(connection, one, ended, at)


def agreed_between(connection: Connection, first: dt.date, last: dt.date) -> tuple[Invitation, ...]:
    """What subjects have agreed to do on these days, both included, and have not done."""
    i = invitations.c
    return _read(connection, (i.status == "accepted") & i.agreed_on.between(first, last))


def _read(
    connection: Connection, which: ColumnElement[bool], *, lock: bool = False, most: int | None = None
) -> tuple[Invitation, ...]:
    i = invitations.c
    statement = select(invitations).where(which, REAL).order_by(i.suggested_on, i.id).limit(most)
    rows = connection.execute(statement.with_for_update() if lock else statement)
    return tuple(_invitation(row) for row in rows)


def _invitation(row: Row[Any]) -> Invitation:
    shown = row.suggested_on if row.status == "postponed" else None
    return Invitation(
        id=row.id,
        subject=row.subject,
        scope_item=row.scope_item,
        item=row.item,
        cycle=row.cycle,
        state=Answered(row.status, row.agreed_on, shown, row.completed_at, row.completed_by),
        suggested_on=row.suggested_on,
        reason_code=row.reason_code,
        proposed_at=row.proposed_at,
        opens_on=row.opens_on,
        due_on=row.due_on,
        valid_to=row.valid_to,
        tight=bool(row.tight),
        provisional=bool(row.provisional),
        key=row.key,
        delivered_at=row.delivered_at,
    )


def _keep(
    connection: Connection,
    was: Invitation,
    becomes: Answered,
    at: dt.datetime,
    more: Mapping[str, object] | None = None,
) -> bool:
    """Write a transition, if it is one, and take back what was told of the state before."""
    if becomes == was.state:
        return False
    values = {
        "status": becomes.status,
        "agreed_on": becomes.agreed_on,
        "completed_at": becomes.completed_at,
        "completed_by": becomes.completed_by,
        **(more or {}),
    }
    if becomes.shown_on is not None:
        values["suggested_on"] = becomes.shown_on
    if was.key is not None:
        untell(connection, was.subject, [was.key], at)
        values["key"] = None
    connection.execute(update(invitations).where(invitations.c.id == was.id).values(**values))
    return True


def delivered(connection: Connection, keys: Iterable[str]) -> frozenset[str]:
    """Which of these messages were put before their subjects: in the inbox, or on their way by a channel."""
    pushed = select(outbox.c.inbox).where(outbox.c.inbox == inbox.c.id).exists()
    shown = or_(inbox.c.closed_because.is_(None), inbox.c.closed_because != "by_choice", pushed)
    return frozenset(
        connection.execute(select(inbox.c.key).where(inbox.c.key.in_(list(keys)), shown)).scalars()
    )
