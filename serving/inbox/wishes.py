"""What subjects change of how they are told, each with its line in the audit chain, in one transaction."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from records.addresses import AddressError
from records.contacts import Contact, contacts_of, remove_contact
from records.database import reading, writing
from records.inbox import mark_all_read, mark_read, one_told
from records.minors import minors_among
from records.pace import Pace, choose_pace, pace_of
from records.reminders import is_delicate
from records.settings import moment_of_writing
from records.subscriptions import Followed, Subscription, SubscriptionError, follow, followed
from records.tables.vocabulary import AddressChannel, FollowedKind
from records.telling import dismiss
from records.verification import Outcome, TooManyCodes, send_code, take_code
from records.wanted import unfollow
from serving.errors import Fault, InvalidRequest
from serving.inbox.titles import followed_names
from serving.overload import TooManyRequests
from serving.privacy.decisions import Decisions, Detail

UNDER_AGE: Final = Fault(
    "/path/target", "who is under 18 cannot follow this matter by its name: the inbox tells of it"
)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What one subject wishes of being told, by themselves or through whoever may decide for them."""

    deciding: Decisions

    def read(self, message: int) -> bool:
        """Note that a message was read; False if it was, or is not theirs. Raises InvalidRequest."""
        with writing(self.deciding.parts.engine) as connection:
            self._check_theirs(connection, message)
            return mark_read(connection, self.deciding.subject, message, self._now())

    def read_all(self, until: int) -> int:
        """Note that every message up to one was read."""
        with writing(self.deciding.parts.engine) as connection:
            return mark_all_read(connection, self.deciding.subject, until, self._now())

    def dismiss(self, message: int) -> bool:
        """Take a message out of the inbox; False where it was. InvalidRequest for a duty's."""

        def work(connection: Connection, at: dt.datetime) -> tuple[bool, Detail]:
            self._check_theirs(connection, message)
            one = one_told(connection, self.deciding.subject, message)
            if one is not None and one.message.required and one.closed_at is None:
                raise InvalidRequest(Fault("/path/message", "it tells of a duty: it ends when that is done"))
            return dismiss(connection, self.deciding.subject, message, at), {"message": message}

        return self.deciding.decide("message-dismissed", "remind", work)

    def pace(self, chosen: Pace) -> None:
        """Choose cap, quiet hours and digest."""

        def work(connection: Connection, at: dt.datetime) -> tuple[None, Detail]:
            choose_pace(connection, self.deciding.subject, chosen, at)
            return None, {"most_a_day": chosen.most_a_day, "digest": chosen.digest}

        self.deciding.decide("pace", "remind", work)

    def follow(self, one: Subscription) -> None:
        """Follow something, or choose other lead days. InvalidRequest for what cannot be followed."""
        parts, subject = self.deciding.parts, self.deciding.subject
        if followed_names(one.kind, one.target, parts.catalogue, self.deciding.kind) is None:
            raise InvalidRequest(Fault("/path/target", "the catalogue has nothing of this kind to follow"))
        delicate = one.kind == "item" and is_delicate(one.target, parts.catalogue)

        def work(connection: Connection, at: dt.datetime) -> tuple[None, Detail]:
            if delicate and minors_among(connection, [subject], parts.desk.clock.on()):
                raise InvalidRequest(UNDER_AGE)
            try:
                follow(connection, subject, one, at)
            except SubscriptionError as error:
                raise InvalidRequest(Fault("/body", str(error))) from error
            return None, {"kind": one.kind}

        self.deciding.decide("followed", "remind", work)

    def unfollow(self, kind: FollowedKind, target: str) -> bool:
        """Follow something no longer; False if it was not followed."""

        def work(connection: Connection, at: dt.datetime) -> tuple[bool, Detail]:
            return unfollow(connection, self.deciding.subject, kind, target, at), {"kind": kind}

        return self.deciding.decide("unfollowed", "remind", work)

    def send_code(self, channel: AddressChannel, address: str) -> dt.datetime:
        """Have an address verified; until when its code is good. Raises InvalidRequest, TooManyRequests."""
        parts, subject = self.deciding.parts, self.deciding.subject

        def work(connection: Connection, at: dt.datetime) -> tuple[dt.datetime, Detail]:
            try:
                ends_at = send_code(connection, parts.secrets, subject, channel, address, at)
            except AddressError as error:
                raise InvalidRequest(Fault("/body/address", str(error))) from error
            except TooManyCodes as error:
                raise TooManyRequests(1, (error.until - at).total_seconds()) from error
            return ends_at, {"channel": channel}

        return self.deciding.decide("address-code-sent", "remind", work)

    def take_code(self, channel: AddressChannel, code: str) -> Outcome:
        """Hold a code against the one that was sent; wrong ones are counted whatever comes of it."""
        parts, subject = self.deciding.parts, self.deciding.subject

        def work(connection: Connection, at: dt.datetime) -> tuple[Outcome, Detail]:
            outcome = take_code(connection, parts.secrets, subject, channel, code, at)
            return outcome, {"channel": channel, "outcome": outcome}

        return self.deciding.decide("address-code-given", "remind", work)

    def remove(self, channel: AddressChannel) -> int:
        """Forget an address; how many pushes that cancels."""

        def work(connection: Connection, at: dt.datetime) -> tuple[int, Detail]:
            cancelled = remove_contact(connection, self.deciding.subject, channel)
            return cancelled, {"channel": channel, "cancelled": cancelled}

        return self.deciding.decide("address-removed", "remind", work)

    def now(self) -> tuple[Pace, Followed, tuple[Contact, ...]]:
        """What was chosen so far. Raises UnknownSubject."""
        parts, subject = self.deciding.parts, self.deciding.subject
        parts.desk.choices(self.deciding.kind, subject)
        with reading(parts.engine) as connection:
            known = contacts_of(connection, parts.secrets, subject, self._now())
            return pace_of(connection, subject), followed(connection, subject), known

    def _check_theirs(self, connection: Connection, message: int) -> None:
        if one_told(connection, self.deciding.subject, message) is None:
            raise InvalidRequest(Fault("/path/message", "the inbox has no such message"))

    def _now(self) -> dt.datetime:
        return moment_of_writing(self.deciding.parts.settings)
