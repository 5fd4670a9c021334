"""Verifying an address: a code goes out to it through the outbox, and has to come back in time."""

from __future__ import annotations

import datetime as dt
import hmac
import secrets as randomness
from typing import Final, Literal

from sqlalchemy import Connection, delete, func, insert, select, update

from privacy.pseudonym import keyed_digest
from records.addresses import written
from records.contacts import opened, sealed
from records.insertion import insert_or_change
from records.keys import Secrets
from records.reliance import CODES, UNFINISHED
from records.tables import code_sent, contact, contact_check, outbox
from records.tables.vocabulary import AddressChannel
from records.telling import message_key

CODE_DIGITS: Final = 6
MOST_ATTEMPTS: Final = 5
"""Wrong codes until a new one must be asked for: one guess in 200,000 succeeds."""
LIVES: Final[dict[AddressChannel, dt.timedelta]] = {
    "email": dt.timedelta(minutes=15),
    "sms": dt.timedelta(minutes=10),
    "webhook": dt.timedelta(minutes=15),
    "letter": dt.timedelta(days=14),
}
DAY: Final = dt.timedelta(days=1)
BETWEEN: Final = dt.timedelta(minutes=1)
"""From one code of a subject to the next."""
MOST_A_DAY: Final = 8
"""Codes that one subject may ask for."""
MOST_TO_ADDRESS: Final = 3
"""Codes that one address is sent in a day, whoever asks: nobody's letter box is flooded."""
Outcome = Literal["verified", "wrong", "ended"]


class TooManyCodes(ValueError):
    """A code may be asked for again only later."""

    def __init__(self, until: dt.datetime) -> None:
        super().__init__(f"too many codes were asked for: ask again after {until.isoformat()}")
        self.until = until


def send_code(
    connection: Connection,
    secrets: Secrets,
    subject: str,
    channel: AddressChannel,
    text: str,
    at: dt.datetime,
) -> dt.datetime:
    """Have a code sent to an address; until when it may be typed in. The address in use stays until then.

    Raises AddressError, TooManyCodes.
    """
    key, address = secrets["identity"], written(channel, text)
    digest = keyed_digest(key.derived("contact")[key.current], channel, address)
    _check_often(connection, subject, digest, at)
    connection.execute(insert(code_sent).values(subject=subject, digest=digest, at=at))
    code, ends_at = f"{randomness.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}", at + LIVES[channel]
    row = {
        "subject": subject,
        "channel": channel,
        "address": sealed(key, address, "contact_check", "address", subject, channel),
        "code": sealed(key, code, "contact_check", "code", subject, channel),
        "key_version": key.current,
        "attempts": 0,
        "made_at": at,
        "ends_at": ends_at,
    }
    insert_or_change(connection, contact_check, row)
    _put_out(connection, subject, channel, at, ends_at)
    return ends_at


def take_code(
    connection: Connection,
    secrets: Secrets,
    subject: str,
    channel: AddressChannel,
    code: str,
    at: dt.datetime,
) -> Outcome:
    """Hold a code against the one that was sent. `ended`: too late, too often wrong, or none asked for."""
    k, key = contact_check.c, secrets["identity"]
    mine = (k.subject == subject, k.channel == channel)
    row = connection.execute(select(contact_check).where(*mine).with_for_update()).first()
    if row is None or row.ends_at <= at or row.attempts >= MOST_ATTEMPTS:
        return "ended"
    right = opened(key, row.code, "contact_check", "code", subject, channel)
    if not hmac.compare_digest("".join(code.split()).encode(), right.encode()):
        connection.execute(update(contact_check).where(*mine).values(attempts=row.attempts + 1))
        return "wrong" if row.attempts + 1 < MOST_ATTEMPTS else "ended"
    address = opened(key, row.address, "contact_check", "address", subject, channel)
    kept = {
        "subject": subject,
        "channel": channel,
        "ciphertext": sealed(key, address, "contact", "ciphertext", subject, channel),
        "key_version": key.current,
        "verified_at": at,
    }
    insert_or_change(connection, contact, kept)
    connection.execute(delete(contact_check).where(*mine))
    return "verified"


def _check_often(connection: Connection, subject: str, digest: bytes, at: dt.datetime) -> None:
    """Raise TooManyCodes; forget what counts no more."""
    s = code_sent.c
    connection.execute(delete(code_sent).where(s.subject == subject, s.at <= at - DAY))
    for mine, most in ((s.subject == subject, MOST_A_DAY), (s.digest == digest, MOST_TO_ADDRESS)):
        counted = select(func.count(), func.min(s.at)).where(mine, s.at > at - DAY)
        sent, first = connection.execute(counted).one()
        if sent >= most:
            raise TooManyCodes(first + DAY)
    last = connection.execute(select(func.max(s.at)).where(s.subject == subject)).scalar_one()
    if last is not None and last + BETWEEN > at:
        raise TooManyCodes(last + BETWEEN)


def _put_out(
    connection: Connection, subject: str, channel: AddressChannel, at: dt.datetime, ends_at: dt.datetime
) -> None:
    """One row for delivery, in place of any earlier code's; the code itself is not in it."""
    o = outbox.c
    earlier = (o.subject == subject, o.channel == channel, o.topic == CODES, o.state.in_(UNFINISHED))
    connection.execute(update(outbox).where(*earlier).values(state="cancelled"))
    nothing: dict[str, object] = {
        "names_zh": "",
        "names_en": "",
        "reason_zh": "",
        "reason_en": "",
        "due_on": None,
        "detail": {},
    }
    row = {
        "key": message_key(CODES, subject, channel, at.isoformat()),
        "subject": subject,
        "channel": channel,
        "topic": CODES,
        "payload": {"template": "code", **nothing, "delicate": False, "inbox": None, "link": "/contacts"},
        "state": "pending",
        "attempts": 0,
        "created_at": at,
        "next_attempt_at": at,
        "expires_at": ends_at,
        "relied_on": [],
    }
    connection.execute(insert(outbox).values(row))
