"""What leaves the inbox: by which channels a message may go, and the outbox row that carries it."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, select

from catalog.vocabulary import Names
from records.choices import INBOX, Choices, choices_of_all
from records.consents import reminder_consents
from records.inbox import Message
from records.minors import minors_among
from records.reliance import RECOMMENDATION, reliances
from records.settings import SHANGHAI
from records.subscriptions import Followed, followed_by
from records.tables import contact
from records.tables.vocabulary import ADDRESS_CHANNELS, ReminderChannel

NEUTRAL: Final = Names(
    zh="您有一条政务提醒，请登录查看。",
    en="You have a reminder from the city. Please sign in to read it.",
)
"""All that is said outside of what is delicate: it says nothing of the matter."""


@dataclass(frozen=True, slots=True)
class Standpoint:
    """What one subject's choices, consents, addresses and subscriptions say now of being told."""

    choices: Choices
    consents: tuple[str, ...]
    """As `outbox.relied_on` names them: all that the subject gives to reminders now."""
    addresses: frozenset[ReminderChannel]
    """The channels with a verified address."""
    followed: Followed
    is_minor: bool = False
    """Whether the subject is known to be under 18."""

    def wants(self, message: Message, channel: ReminderChannel) -> bool:
        """Whether a message is to reach the subject by a channel."""
        bidden = message.required or self.asked(message)
        if not self.choices.may_tell(message.topic, channel, required=bidden):
            return False
        if channel == INBOX:
            return True
        if channel not in message.channels or channel not in self.addresses:
            return False
        if not message.delicate:
            return True
        return not self.is_minor and (message.asked or self.followed.asks_by_name(message.item))

    def asked(self, message: Message) -> bool:
        """Whether the subject asked for it, or follows it."""
        return message.asked or self.followed.asks_for(message.item, message.topic)

    def allows(self, message: Message) -> bool:
        """Whether every consent the message rests on still holds."""
        named = message.relied_on or ()
        return all(one in self.consents for one in named if one != RECOMMENDATION)

    def relied_on(self, message: Message) -> list[str]:
        """What a push of the message rests on."""
        rests = set(self.consents if message.relied_on is None else message.relied_on)
        if not message.required and not self.asked(message):
            rests.add(RECOMMENDATION)
        return sorted(rests)


def standpoints(connection: Connection, subjects: Collection[str], at: dt.datetime) -> dict[str, Standpoint]:
    """Where each of the subjects stands, read afresh."""
    choices, consents = choices_of_all(connection, subjects), reminder_consents(connection, subjects)
    reached, follows = reached_by(connection, subjects), followed_by(connection, set(subjects))
    minors = minors_among(connection, subjects, at.astimezone(SHANGHAI).date())
    return {
        subject: Standpoint(
            choices[subject],
            tuple(reliances(consents[subject], "remind", at)),
            reached.get(subject, frozenset()),
            follows.get(subject, Followed()),
            subject in minors,
        )
        for subject in subjects
    }


def reached_by(connection: Connection, subjects: Collection[str]) -> dict[str, frozenset[ReminderChannel]]:
    """The channels for which those of the subjects have a verified address that have any."""
    found: dict[str, set[ReminderChannel]] = {}
    rows = connection.execute(
        select(contact.c.subject, contact.c.channel).where(contact.c.subject.in_(subjects))
    )
    for subject, channel in rows:
        found.setdefault(subject, set()).add(channel)
    return {subject: frozenset(channels) for subject, channels in found.items()}


def outbox_rows(
    message: Message, inbox: int, standpoint: Standpoint, at: dt.datetime
) -> Iterator[dict[str, Any]]:
    """One row for each channel that the message leaves by."""
    for channel in ADDRESS_CHANNELS:
        if standpoint.wants(message, channel):
            yield {
                "key": push_key(message.key, channel),
                "subject": message.subject,
                "inbox": inbox,
                "channel": channel,
                "topic": message.topic,
                "payload": payload(message, inbox),
                "state": "pending",
                "attempts": 0,
                "created_at": at,
                "next_attempt_at": at,
                "expires_at": message.expires_at,
                "relied_on": standpoint.relied_on(message),
            }


def payload(message: Message, inbox: int) -> dict[str, Any]:
    """What the templates are given; of a delicate message nothing but that there is one."""
    said: dict[str, Any] = {
        "template": message.template,
        "names_zh": message.names.zh,
        "names_en": message.names.en,
        "reason_zh": message.reason.text.zh,
        "reason_en": message.reason.text.en,
        "due_on": None if message.due_on is None else message.due_on.isoformat(),
        "detail": dict(message.detail),
    }
    if message.delicate:
        said |= {"template": "notice", "names_zh": NEUTRAL.zh, "names_en": NEUTRAL.en}
        said |= {"reason_zh": "", "reason_en": "", "due_on": None, "detail": {}}
    return {**said, "delicate": message.delicate, "inbox": inbox, "link": f"/inbox/{inbox}"}


def push_key(key: str, channel: ReminderChannel) -> str:
    """The idempotency key of a message's push by a channel; it gives away neither."""
    return hashlib.sha256(f"{key}\x1f{channel}".encode()).hexdigest()[:32]
