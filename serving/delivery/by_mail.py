"""The way out by e-mail: each letter handed over by itself, and noted before the next one is."""

from __future__ import annotations

import datetime as dt
import smtplib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, repeat

from serving.delivery.letter import Sending, letter, message_id
from serving.delivery.mail_server import MailServer, Reply
from serving.delivery.outcome import Outcome
from serving.delivery.parcel import Parcel
from serving.delivery.settings import DeliverySettings
from serving.delivery.wording import Unsayable, Worded

Word = Callable[[Parcel], Worded]
Note = Callable[[Parcel, str], bool]
"""Keeps at once that a letter was accepted, so that a crash repeats no more than the one under way.

False where it could not be kept: then nothing more is sent before it is.
"""


class ByMail:
    """Hands letters to the mail server, over as many connections as the settings say."""

    def __init__(
        self, settings: DeliverySettings, word: Word, note: Note, clock: Callable[[], dt.datetime]
    ) -> None:
        self._word, self._note, self._clock = word, note, clock
        self._sending = Sending(settings.mail_from, settings.mail_from.rpartition("@")[2])
        self._servers = [MailServer(settings) for _ in range(settings.mail_connections)]
        self._pool = ThreadPoolExecutor(len(self._servers)) if len(self._servers) > 1 else None

    def send(self, parcels: Sequence[Parcel], until: dt.datetime) -> Sequence[Outcome]:
        """Hand the letters over; after a failure of the way itself the rest is not tried."""
        if self._pool is None:
            return self._in_turn(self._servers[0], parcels, until)
        n = len(self._servers)
        shares = (parcels[number::n] for number in range(n))
        return list(chain.from_iterable(self._pool.map(self._in_turn, self._servers, shares, repeat(until))))

    def close(self) -> None:
        """Break the connections off."""
        if self._pool is not None:
            self._pool.shutdown()
        for server in self._servers:
            server.close()

    def _in_turn(
        self, server: MailServer, parcels: Sequence[Parcel], until: dt.datetime
    ) -> Sequence[Outcome]:
        outcomes: list[Outcome] = []
        for number, parcel in enumerate(parcels):
            if self._clock() > until:
                outcomes += [Outcome(each.key, "unsent") for each in parcels[number:]]
                break
            outcome = self._one(server, parcel)
            outcomes.append(outcome)
            noted = outcome.verdict != "delivered" or self._note(parcel, outcome.receipt or "")
            if outcome.verdict == "channel" or not noted:
                outcomes += [Outcome(each.key, "unsent") for each in parcels[number + 1 :]]
                break
        return outcomes

    def _one(self, server: MailServer, parcel: Parcel) -> Outcome:
        at = self._clock()
        if parcel.expires_at is not None and parcel.expires_at <= at:
            return Outcome(parcel.key, "unsent", "expired")
        try:
            text = letter(parcel, self._word(parcel), self._sending, at)
        except Unsayable:
            return Outcome(parcel.key, "permanent", "unsayable")
        try:
            reply = server.hand_over(self._sending.address, parcel.address, text)
        except smtplib.SMTPException as error:
            return Outcome(parcel.key, "channel", _code_of(error))
        except OSError as error:
            return Outcome(parcel.key, "channel", type(error).__name__)
        return judged(parcel.key, reply, self._sending.domain)


def judged(key: str, reply: Reply, domain: str) -> Outcome:
    """What a mail server's last word on a letter means (RFC 5321, 4.2)."""
    code = f"smtp_{reply.command}_{reply.code}"
    if reply.command == "text" and 200 <= reply.code < 300:
        return Outcome(key, "delivered", receipt=message_id(key, domain))
    if reply.code == 421 or reply.command == "mail" or reply.code in {530, 535}:
        # Not this letter is refused but whoever sends it: nobody's letter gets through.
        return Outcome(key, "channel", code)
    if reply.code >= 500:
        return Outcome(key, "permanent", code, unreachable=reply.command == "rcpt")
    return Outcome(key, "temporary", code)


def _code_of(error: smtplib.SMTPException) -> str:
    number = getattr(error, "smtp_code", None)
    return type(error).__name__ if number is None else f"{type(error).__name__}_{number}"
