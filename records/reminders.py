"""Standings worth telling somebody of who is not looking: what may be pushed, when, and in which words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from catalog.catalogue import Catalogue
from catalog.vocabulary import Delicacy, Names, Proactive
from features.schema import UseName
from models.homepage import theme_of_item
from models.recommendation import Entry, Homepage, Reason, Urgency
from records.choices import INBOX, Choices
from records.inbox import Message
from records.pushes import NEUTRAL
from records.settings import SHANGHAI
from records.tables.vocabulary import ReminderChannel
from records.telling import message_key


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
        and (channel == INBOX or reminder.item in asked or not is_delicate(reminder.item, catalogue))
    )


def _reminders(subject: str, entries: Iterable[Entry], catalogue: Catalogue) -> Iterator[Reminder]:
    for entry in entries:
        item = catalogue.items[entry.item]
        # What the subject asked to be spared is not told unasked either; a duty never is spared.
        if entry.urgency is None or item.proactive is not Proactive.PUSH or entry.set_aside is not None:
            continue
        yield Reminder(
            key=reminder_key(subject, entry.scope_item, entry.item, entry.cycle, entry.urgency),
            item=entry.item,
            scope_item=entry.scope_item,
            cycle=entry.cycle,
            urgency=entry.urgency,
            compulsory=entry.urgency is not Urgency.LAPSING,
            due_on=entry.due_on,
            reason=entry.reasons[0] if entry.reasons else None,
            preview=NEUTRAL if is_delicate(item.id, catalogue) else item.names,
        )


def is_delicate(item: str, catalogue: Catalogue) -> bool:
    """Whether the item's name is not to be read over somebody's shoulder."""
    return catalogue.items[item].delicacy is not Delicacy.NORMAL


def reminder_key(
    subject: str, scope_item: str, item: str, cycle: str, urgency: Urgency | None, lead: int | None = None
) -> str:
    """The same duty of the same cycle is one reminder, and its lapse into lateness another.

    So is each of the times (`lead`, days before it is due) the subject chose to be told at.
    """
    words = (subject, scope_item, item, cycle, urgency or "")
    return message_key(*words) if lead is None else message_key(*words, str(lead))


def reminder_message(
    subject: str,
    entry: Entry,
    catalogue: Catalogue,
    *,
    on: dt.date,
    channels: Collection[ReminderChannel] = (),
    relied_on: tuple[str, ...] | None = None,
    lead: int | None = None,
) -> Message:
    """The message that tells of a standing, fit for `records.telling.tell`.

    ValueError where the entry has no reason, or its item is never to be told unasked.
    """
    item = catalogue.items[entry.item]
    if item.proactive is Proactive.SEARCH_ONLY or not entry.reasons:
        raise ValueError(f"{entry.item} is told to nobody: it is search_only, or the entry has no reason")
    delicate = is_delicate(entry.item, catalogue)
    true_until = entry.due_on if entry.due_on is not None and entry.due_on >= on else None
    return Message(
        key=reminder_key(subject, entry.scope_item, entry.item, entry.cycle, entry.urgency, lead),
        subject=subject,
        reason=entry.reasons[0],
        catalogue_version=catalogue.version,
        names=item.names,
        topic=theme_of_item(entry.item, catalogue),
        scope_item=entry.scope_item,
        item=entry.item,
        cycle=entry.cycle,
        standing=entry.standing,
        ready=entry.ready,
        opens_on=entry.opens_on,
        due_on=entry.due_on,
        missing=entry.missing,
        required=entry.urgency is not None and entry.urgency is not Urgency.LAPSING,
        delicate=delicate,
        expires_at=None if true_until is None else end_of_day(true_until),
        channels=frozenset(channels),
        relied_on=relied_on,
    )


def end_of_day(on: dt.date) -> dt.datetime:
    """The instant at which a day of Shanghai is over."""
    return dt.datetime.combine(on + dt.timedelta(days=1), dt.time(), SHANGHAI)
