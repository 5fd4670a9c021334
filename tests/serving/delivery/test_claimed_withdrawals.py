"""What was withdrawn, done or stopped being true is not sent, whoever forgot to cancel it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select, update

from records.choices import EVERY_THEME, choose_recommendation, choose_reminders
from records.consents import grant, withdraw
from records.contacts import remove_contact
from records.database import reading
from records.deliveries import still_leased
from records.departures import Departure, record_departure
from records.tables import audit, outbox
from records.telling import untell
from serving.delivery.outcome import Outcome
from tests.serving.delivery.claims import CONSENT, MINUTE, Town
from tests.serving.delivery.outboxes import NOON, message, put_out, states


def told(town: Town) -> Any:
    return message("li", required=False, relied_on=(CONSENT,))


def close_inbox(town: Town) -> None:
    from records.tables import inbox

    town.do(
        lambda connection: connection.execute(update(inbox).values(closed_at=NOON, closed_because="done"))
    )


WITHDRAWALS: dict[str, Callable[[Town], Any]] = {
    "unsubscribed": lambda town: town.do(choose_reminders, "li", EVERY_THEME, "email", False, NOON),
    "recommendation off": lambda town: town.do(choose_recommendation, "li", False, NOON),
    "consent withdrawn": lambda town: town.do(withdraw, "li", "remind", ["attributes:ordinary"], NOON),
    "address removed": lambda town: town.do(remove_contact, "li", "email"),
    "departed": lambda town: town.do(record_departure, "li", Departure("death", NOON.date()), NOON),
    "done": lambda town: town.do(untell, "li", [told(town).key], NOON, "done"),
    "dismissed behind its back": close_inbox,
}


@pytest.mark.parametrize("what", WITHDRAWALS)
@pytest.mark.parametrize("behind_its_back", [False, True])
def test_what_is_no_longer_wanted_or_true_is_not_sent(town: Town, what: str, behind_its_back: bool) -> None:
    town.people("li")
    town.do(grant, "li", "remind", ["attributes:ordinary"], "1", NOON - MINUTE)
    assert put_out(town.engine, [told(town)]) == 4
    WITHDRAWALS[what](town)
    if behind_its_back:
        # Even where nobody cancelled the row, its grounds are read afresh.
        town.do(lambda connection: connection.execute(update(outbox).values(state="pending")))
    claimed = town.claim()
    assert claimed.parcels == ()
    with reading(town.engine) as connection:
        mine = select(outbox.c.state).where(outbox.c.channel == "email")
        assert connection.execute(mine).scalars().all() == ["cancelled"]
        assert connection.execute(select(func.count()).select_from(audit)).scalar_one() == 0


def test_nothing_goes_out_after_it_stopped_being_true(town: Town) -> None:
    town.people("li")
    put_out(town.engine, [message("li", expires_at=NOON + MINUTE)])
    assert town.claim(at=NOON + MINUTE).parcels == ()
    assert states(town.engine) == {"expired": 1, "pending": 3}
    [parcel] = town.claim("sms", at=NOON + MINUTE - dt.timedelta(microseconds=1)).parcels
    assert parcel.expires_at == NOON + MINUTE


def test_what_is_withdrawn_after_the_claim_is_seen_before_it_is_sent(town: Town) -> None:
    town.people("li", "wang", channels=["email"])
    put_out(town.engine, [message("li"), message("wang")])
    claimed = town.claim()
    WITHDRAWALS["unsubscribed"](town)
    rows = [piece.id for parcel in claimed.parcels for piece in parcel.pieces]
    with reading(town.engine) as connection:
        assert still_leased(connection, rows, claimed.lease) == {claimed.parcels[1].pieces[0].id}
    # One that was on the wire all the same stays cancelled, and its delivery is on record.
    town.mark(claimed, *(Outcome(parcel.key, "delivered", receipt="r") for parcel in claimed.parcels))
    assert states(town.engine) == {"cancelled": 1, "sent": 1}
    assert town.attempts() == ["delivered"] * 2
