"""Standings worth telling somebody of who is not looking: what may be pushed, when, and in which words."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from catalog.catalogue import Catalogue
from catalog.vocabulary import Delicacy, Names, Proactive
from features.schema import UseName
from models.homepage import theme_of_item
from models.recommendation import Entry, Homepage, Reason, Urgency
from records.choices import INBOX, Choices
from records.tables.vocabulary import ReminderChannel

NEUTRAL = Names(
    zh="您有一条政务提醒，请登录查看。",
    en="You have a reminder from the city. Please sign in to read it.",
)
"""The preview of what is delicate to show: it says nothing of the matter."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """A standing worth telling. `key` is the same for as long as it is the same reminder."""

    key: str
    item: str
    scope_item: str
    cycle: str
    urgency: Urgency
    compulsory: bool
    due_on: dt.date | None
    reason: Reason | None
    preview: Names


USE_OF: Final[dict[ReminderChannel, UseName]] = {
    "inbox": "remind",
    "app": "remind_app",
    "email": "remind_email",
    "sms": "remind_sms",
    "webhook": "remind_webhook",
    "letter": "remind_letter",
}
"""What a page for reminders by a channel is to be masked for (`Desk.reminder_page`)."""


def reminders_of(
    page: Homepage,
    catalogue: Catalogue,
    choices: Choices,
    channel: ReminderChannel = INBOX,
    asked: Collection[str] = (),
) -> tuple[Reminder, ...]:
    """What to remind a subject of, in the order of the page: what they should do and may be told unasked.

    `page` is masked for the channel. What the subject wants no reminder of by the channel is left out; a duty
    always reaches the inbox. What is delicate to show leaves the inbox only for the items `asked` for.
    """
    return tuple(
        reminder
        for reminder in _reminders(page.subject, page.should_do, catalogue)
        if choices.may_tell(theme_of_item(reminder.item, catalogue), channel, required=reminder.compulsory)
        and (channel == INBOX or reminder.item in asked or not _is_delicate(reminder.item, catalogue))
    )


def _reminders(subject: str, entries: Iterable[Entry], catalogue: Catalogue) -> Iterator[Reminder]:
    for entry in entries:
        item = catalogue.items[entry.item]
        # What the subject asked to be spared is not told unasked either; a duty never is spared.
        if entry.urgency is None or item.proactive is not Proactive.PUSH or entry.set_aside is not None:
            continue
        yield Reminder(
            key=_key(subject, entry),
            item=entry.item,
            scope_item=entry.scope_item,
            cycle=entry.cycle,
            urgency=entry.urgency,
            compulsory=entry.urgency is not Urgency.LAPSING,
            due_on=entry.due_on,
            reason=entry.reasons[0] if entry.reasons else None,
            preview=NEUTRAL if _is_delicate(item.id, catalogue) else item.names,
        )


def _is_delicate(item: str, catalogue: Catalogue) -> bool:
    return catalogue.items[item].delicacy is not Delicacy.NORMAL


def _key(subject: str, entry: Entry) -> str:
    """The same duty of the same cycle is one reminder, and its lapse into lateness another."""
    told = "\x1f".join((subject, entry.scope_item, entry.item, entry.cycle, entry.urgency or ""))
    return hashlib.sha256(told.encode()).hexdigest()[:32]
