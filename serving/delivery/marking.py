"""From what a receiver said to where that leaves the rows: sent, to be tried again, or given up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from sqlalchemy import Connection

from records.contacts import remove_contact
from records.deliveries import Lease, Mark, give_back, mark
from records.delivery_channels import ChannelState, note_way
from records.tables.vocabulary import AddressChannel, DeliveryOutcome, OutboxState
from serving.delivery.outcome import Outcome
from serving.delivery.parcel import Parcel, Piece
from serving.delivery.retry import is_hopeless, wait_after

SOON = dt.timedelta(seconds=1)
"""When what was not tried is due again; the channel's own rest comes on top."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the messages of one batch."""

    delivered: int = 0
    temporary: int = 0
    given_up: int = 0
    unsent: int = 0

    def plus(self, other: Tally) -> Tally:
        """Both together."""
        return Tally(
            self.delivered + other.delivered,
            self.temporary + other.temporary,
            self.given_up + other.given_up,
            self.unsent + other.unsent,
        )


def mark_outcomes(
    connection: Connection,
    parcels: Sequence[Parcel],
    outcomes: Mapping[str, Outcome],
    lease: Lease,
    random: Random,
    at: dt.datetime,
) -> Tally:
    """Note every outcome of a batch in the caller's transaction; a message without one was not tried."""
    marks: list[Mark] = []
    back: list[tuple[int, int]] = []
    for parcel in parcels:
        outcome = outcomes.get(parcel.key, Outcome(parcel.key, "unsent"))
        if outcome.verdict == "unsent":
            back += [(piece.id, piece.attempt) for piece in parcel.pieces]
        else:
            marks += [_mark(piece, outcome, random, at) for piece in parcel.pieces]
    mark(connection, marks, lease, at)
    give_back(connection, back, lease, at + SOON)
    for parcel in parcels:
        # A code goes to an address that is not verified yet; the one before it may be a good one.
        if parcel.key in outcomes and outcomes[parcel.key].unreachable and not parcel.is_code:
            remove_contact(connection, parcel.subject, parcel.channel)
    return _tally(outcomes.values(), len(parcels))


def mark_way(
    connection: Connection, channel: AddressChannel, outcomes: Iterable[Outcome], at: dt.datetime
) -> ChannelState | None:
    """Note whether the way was open, where the outcomes tell; the channel's state then."""
    told = [outcome for outcome in outcomes if outcome.verdict != "unsent"]
    if not told:
        return None
    failed = [outcome for outcome in told if outcome.verdict == "channel"]
    passed = len(failed) < len(told)
    return note_way(connection, channel, passed=passed, error=failed[0].code if failed else None, at=at)


def _mark(piece: Piece, outcome: Outcome, random: Random, at: dt.datetime) -> Mark:
    if outcome.verdict == "delivered":
        return Mark(
            id=piece.id,
            attempt=piece.attempt,
            outcome="delivered",
            state="sent",
            next_attempt_at=at,
            receipt=outcome.receipt,
        )
    failures = piece.failures + 1
    word: DeliveryOutcome
    state: OutboxState
    if outcome.verdict == "permanent":
        word, state, then = "permanent_failure", "failed", at
    elif is_hopeless(failures, piece.attempt):
        word, state, then = "technical_failure", "failed", at
    else:
        word, state, then = "temporary_failure", "pending", at + wait_after(failures, random, outcome.wait)
    return Mark(
        id=piece.id,
        attempt=piece.attempt,
        outcome=word,
        state=state,
        failed=True,
        next_attempt_at=then,
        receipt=outcome.receipt,
        error_code=outcome.code,
    )


def _tally(outcomes: Iterable[Outcome], parcels: int) -> Tally:
    verdicts = [outcome.verdict for outcome in outcomes]
    delivered, given_up = verdicts.count("delivered"), verdicts.count("permanent")
    temporary = verdicts.count("temporary") + verdicts.count("channel")
    return Tally(delivered, temporary, given_up, parcels - delivered - given_up - temporary)
