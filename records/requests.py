"""Requests of subjects on their data, each a row with a clock; a refusal has its reason (PIPL 50)."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Row, insert, select, update

from models.standing.working_days import WorkingCalendar
from records.settings import SHANGHAI
from records.tables import privacy_request
from records.tables.vocabulary import RequestCapacity, RequestKind, RequestState

WORKING_DAYS: Final = 15
"""Within which a request is to be answered."""


class UnknownRequest(LookupError):
    """No such request that is still open."""

    def __init__(self, request: str) -> None:
        super().__init__(f"no open request {request!r}")
        self.request = request


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyRequest:
    """What one subject asks for. `attribute` and what follows it are of a disputed value alone."""

    id: str
    subject: str
    kind: RequestKind
    capacity: RequestCapacity
    state: RequestState
    said: str
    opened_at: dt.datetime
    due_on: dt.date
    provisional: bool
    """Whether the due date rests on a holiday calendar not yet published."""
    scope_item: str | None = None
    attribute: str | None = None
    authority: str | None = None
    answered_at: dt.datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as it comes in."""

    subject: str
    kind: RequestKind
    said: str
    capacity: RequestCapacity = "self"
    scope_item: str | None = None
    attribute: str | None = None
    authority: str | None = None


def open_request(
    connection: Connection, asked: Asked, at: dt.datetime, calendar: WorkingCalendar
) -> PrivacyRequest:
    """Take a request in and start its clock: 15 working days from the day after."""
    opened_on = at.astimezone(SHANGHAI).date()
    due_on = calendar.shift(opened_on, WORKING_DAYS)
    made = PrivacyRequest(
        id=secrets.token_hex(8),
        subject=asked.subject,
        kind=asked.kind,
        capacity=asked.capacity,
        state="open",
        said=asked.said,
        opened_at=at,
        due_on=due_on,
        provisional=not calendar.is_published(opened_on, due_on),
        scope_item=asked.scope_item,
        attribute=asked.attribute,
        authority=asked.authority,
    )
    row = {name: getattr(made, name) for name in PrivacyRequest.__slots__}
    connection.execute(insert(privacy_request).values(**row))
    return made


def answer_request(
    connection: Connection, request: str, granted: bool, reason: str | None, at: dt.datetime
) -> None:
    """Answer an open request. Raises UnknownRequest, and ValueError for a refusal without a reason."""
    if not granted and not (reason or "").strip():
        raise ValueError("a refusal says why (PIPL 50): give a reason")
    mine = (privacy_request.c.id == request, privacy_request.c.state == "open")
    answer = {"state": "granted" if granted else "refused", "reason": reason, "answered_at": at}
    if connection.execute(update(privacy_request).where(*mine).values(**answer)).rowcount != 1:
        raise UnknownRequest(request)


def requests_of(connection: Connection, subject: str) -> tuple[PrivacyRequest, ...]:
    """The subject's requests, latest first."""
    statement = select(privacy_request).where(privacy_request.c.subject == subject)
    return _read(connection, statement.order_by(privacy_request.c.opened_at.desc(), privacy_request.c.id))


def open_requests(connection: Connection) -> tuple[PrivacyRequest, ...]:
    """Everybody's open requests, those due first first; for the desk that answers them."""
    statement = select(privacy_request).where(privacy_request.c.state == "open")
    return _read(connection, statement.order_by(privacy_request.c.due_on, privacy_request.c.id))


def disputed(connection: Connection, subject: str) -> frozenset[tuple[str, str]]:
    """Scope item and attribute of each value the subject disputes and nobody has answered for yet."""
    found = requests_of(connection, subject)
    return frozenset(
        (one.scope_item or one.subject, one.attribute)
        for one in found
        if one.state == "open" and one.attribute is not None
    )


def _read(connection: Connection, statement: object) -> tuple[PrivacyRequest, ...]:
    rows: list[Row[tuple[object, ...]]] = list(connection.execute(statement))  # type: ignore[call-overload]
    return tuple(PrivacyRequest(**row._mapping) for row in rows)
