"""The claiming transaction: what is due and may still go is leased, audited, and nothing else is sent.

In it every ground is read afresh. A withdrawal that is committed before it therefore keeps a message back;
one that comes later waits for it, and then cancels what is not yet on its way (`still_leased`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, Engine

from records.audit import AuditChain, AuditEntry
from records.audit_encoding import Scalar
from records.clock_skew import ClockWatch
from records.contacts import Destination
from records.database import writing
from records.deliveries import (
    Due,
    Lease,
    already_delivered,
    claim,
    due,
    due_beside,
    due_together,
    give_up,
    postpone,
    sent_since,
    settle,
)
from records.delivery_channels import lock_channels, spend
from records.grounds import destinations, still_wanted_of
from records.keys import Secrets
from records.pace import Pace, paces_of
from records.tables.vocabulary import AddressChannel
from serving.delivery.digest_key import digest_key
from serving.delivery.pace import Plan, Waiting, plan, start_of_day
from serving.delivery.parcel import Parcel, Piece
from serving.delivery.retry import is_hopeless
from serving.overload import TooManyRequests
from serving.rate_limits import RateLimits

ROLE, ACTOR, ACTION = "system", "delivery", "push"


class ClocksDisagree(RuntimeError):
    """The clock of this machine cannot be trusted: what is due, expired or quiet cannot be told."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """What one transaction claimed, and how many due rows it dealt with in any way."""

    parcels: tuple[Parcel, ...]
    lease: Lease
    dealt_with: int
    held_back: bool = False
    """Whether nothing was looked at because of the channel's rate: a moment later something may go."""


@dataclass(slots=True)
class _Sorted:
    """Due rows by what becomes of them."""

    expired: list[int] = field(default_factory=list)
    unwanted: list[int] = field(default_factory=list)
    hopeless: list[Due] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)
    good: list[Due] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claiming:
    """Claims what is due of a channel. Fails closed: whatever it cannot find out, it claims nothing."""

    engine: Engine
    secrets: Secrets
    audit: AuditChain
    limits: RateLimits
    clock_watch: ClockWatch | None
    """None where the clock is not that of the world, because a business date is set."""
    channels: Sequence[AddressChannel]
    most: int
    lease_for: dt.timedelta

    def claim(self, channel: AddressChannel, rate: float, lease_id: str, at: dt.datetime) -> Claimed:
        """Claim what may go. Raises LimitsUnknown, ClocksDisagree, SQLAlchemyError, with nothing changed."""
        lease = Lease(lease_id, at + self.lease_for)
        with writing(self.engine) as connection:
            if self.clock_watch is not None and not self.clock_watch.pushing_may_go(connection):
                raise ClocksDisagree
            way = lock_channels(connection, self.channels, at)[channel]
            allowed = min(way.allowance(rate, at), self.most)
            if not allowed:
                return Claimed((), lease, 0, held_back=not way.rests(at))
            rows = self._due(connection, channel, at, allowed)
            found = _sorted(connection, rows, at)
            parcels, waits = self._parcels(connection, found.good, at, allowed)
            parcels, limited = self._within_limits(parcels, at)
            settle(connection, found.expired, "expired", at)
            settle(connection, found.unwanted, "cancelled", at)
            give_up(connection, found.hopeless, at)
            settle(connection, found.sent, "sent", at)
            postpone(connection, waits | limited)
            by_id = {row.id: row for row in found.good}
            groups = {p.key: [by_id[piece.id] for piece in p.pieces] for p in parcels}
            claim(connection, groups, lease, at)
            spend(connection, way, len(parcels), rate, at)
            self.audit.append(connection, *(_entry(parcel, at) for parcel in parcels))
        return Claimed(tuple(parcels), lease, len(rows))

    def _due(self, connection: Connection, channel: AddressChannel, at: dt.datetime, most: int) -> list[Due]:
        """What is due, with all else that is due to the same subjects, and whole messages."""
        first = due(connection, channel, at, most)
        begun = [row for row in first if row.message is not None]
        rows = {row.id: row for row in first}
        if begun:
            rows |= {row.id: row for row in due_together(connection, begun)}
        if first:
            subjects = {row.subject for row in first}
            rows |= {row.id: row for row in due_beside(connection, channel, subjects, at)}
        return list(rows.values())

    def _parcels(
        self, connection: Connection, rows: Sequence[Due], at: dt.datetime, most: int
    ) -> tuple[list[Parcel], dict[int, dt.datetime]]:
        """What goes now as one message each, and what waits until when."""
        subjects = {row.subject for row in rows}
        begun = {row.message for row in rows if row.message is not None}
        paces = paces_of(connection, subjects)
        sent = sent_since(connection, subjects, start_of_day(at), sorted(begun))
        places = destinations(connection, self.secrets, rows, at)
        by_subject: dict[str, list[Due]] = {}
        for row in rows:
            by_subject.setdefault(row.subject, []).append(row)
        parcels: list[Parcel] = []
        waits: dict[int, dt.datetime] = {}
        for subject, mine in by_subject.items():
            made = _planned(mine, paces.get(subject, Pace()), at, sent.get(subject, 0))
            by_id = {row.id: row for row in mine}
            parcels += [_parcel([by_id[id_] for id_ in group], places) for group in made.go]
            waits |= made.wait
        # What the rate does not allow now stays as it is: due.
        return parcels[:most], waits

    def _within_limits(
        self, parcels: Sequence[Parcel], at: dt.datetime
    ) -> tuple[list[Parcel], dict[int, dt.datetime]]:
        """The parcels that neither subject nor address gets too many of, and when the others may go."""
        go: list[Parcel] = []
        waits: dict[int, dt.datetime] = {}
        for parcel in parcels:
            try:
                self.limits.check("push", "caller", parcel.subject)
                self.limits.check("push", "address", parcel.address)
            except TooManyRequests as error:
                then = at + dt.timedelta(seconds=error.seconds)
                waits |= {piece.id: then for piece in parcel.pieces}
            else:
                go.append(parcel)
        return go, waits


def _sorted(connection: Connection, rows: Sequence[Due], at: dt.datetime) -> _Sorted:
    found = _Sorted()
    left = [row for row in rows if row.state == "sending"]
    accepted = already_delivered(connection, left)
    wanted = still_wanted_of(connection, rows, at)
    for row in rows:
        if row.id in accepted:
            found.sent.append(row.id)
        elif row.expires_at is not None and row.expires_at <= at:
            found.expired.append(row.id)
        elif row.id not in wanted:
            found.unwanted.append(row.id)
        elif row.state == "sending" and is_hopeless(row.failures, row.attempts):
            found.hopeless.append(row)
        else:
            found.good.append(row)
    return found


def _planned(rows: Sequence[Due], pace: Pace, at: dt.datetime, sent: int) -> Plan:
    waiting = [
        Waiting(
            id=row.id,
            channel=row.channel,
            template=str(row.payload.get("template", "")),
            due_on=_due_on(row),
            created_at=row.created_at,
            message=row.message,
        )
        for row in rows
    ]
    return plan(waiting, pace, at, sent)


def _due_on(row: Due) -> dt.date | None:
    try:
        return dt.date.fromisoformat(row.payload["due_on"])
    except (KeyError, TypeError, ValueError):
        return None  # whether it can be worded is seen later


def _parcel(rows: Sequence[Due], places: Mapping[int, Destination]) -> Parcel:
    first = rows[0]
    place = places[first.id]
    ends = [row.expires_at for row in rows if row.expires_at is not None]
    return Parcel(
        key=first.message or (first.key if len(rows) == 1 else digest_key(row.key for row in rows)),
        channel=first.channel,
        subject=first.subject,
        topic=first.topic,
        address=place.address,
        pieces=tuple(_piece(row, place) for row in rows),
        expires_at=min(ends, default=None),
        taken_over=any(row.attempts for row in rows),
    )


def _piece(row: Due, place: Destination) -> Piece:
    piece = Piece(row.id, row.key, row.attempts + 1, row.payload, row.failures)
    if place.code is None:
        return piece
    return replace(piece, payload={**row.payload, "detail": {"code": place.code}})


def _entry(parcel: Parcel, at: dt.datetime) -> AuditEntry:
    said: dict[str, Scalar] = {
        "channel": parcel.channel,
        "message": parcel.key,
        "attempt": parcel.pieces[0].attempt,
    }
    purpose = None if parcel.is_code else "remind"
    return AuditEntry(at, ROLE, ACTOR, ACTION, parcel.subject, purpose, said)
