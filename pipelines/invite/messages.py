"""An invitation as a message: what is proposed for which day, and that the day agreed on is near."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from catalog.catalogue import Catalogue
from models.homepage import theme_of_item
from models.invitation.planning import reason
from models.recommendation import Entry
from records.inbox import Message
from records.invitation_answers import Invitation
from records.reminders import end_of_day, is_delicate
from records.tables.vocabulary import ReminderChannel
from records.telling import message_key

DUTIES = ("obligation_due", "obligation_overdue", "obligation_promptly")
"""Reasons that a duty stands behind: such an invitation always reaches the inbox."""


def invitation_message(
    one: Invitation, entry: Entry | None, channels: Collection[ReminderChannel], catalogue: Catalogue
) -> Message:
    """What is proposed; asked again on a later day it is another message."""
    matters = one.opens_on if one.reason_code == "opens_soon" else one.due_on
    return Message(
        key=message_key(
            "invitation", one.subject, one.scope_item, one.item, one.cycle, str(one.suggested_on)
        ),
        kind="invitation",
        template="invitation",
        reason=reason(one.reason_code, matters),
        due_on=one.due_on,
        detail=_detail(one) | {"suggested_on": one.suggested_on.isoformat()},
        missing=entry.missing if entry is not None else (),
        ready=entry.ready if entry is not None else None,
        standing=entry.standing if entry is not None else None,
        expires_at=None if one.valid_to is None else end_of_day(one.valid_to),
        **_about(one, channels, catalogue),
    )


def near_message(
    one: Invitation, agreed_on: dt.date, channels: Collection[ReminderChannel], catalogue: Catalogue
) -> Message:
    """That the day the subject agreed on is near."""
    return Message(
        key=near_key(one, agreed_on),
        kind="reminder",
        template="reminder",
        reason=reason("agreed_day_near", agreed_on),
        due_on=agreed_on,
        detail=_detail(one),
        asked=True,
        expires_at=end_of_day(agreed_on),
        **_about(one, channels, catalogue),
    )


def near_key(one: Invitation, agreed_on: dt.date) -> str:
    """The key of the reminder of a day agreed on."""
    return message_key("agreed", one.subject, one.scope_item, one.item, one.cycle, str(agreed_on))


def _detail(one: Invitation) -> dict[str, Any]:
    return {"invitation": one.id}


def _about(one: Invitation, channels: Collection[ReminderChannel], catalogue: Catalogue) -> dict[str, Any]:
    return {
        "subject": one.subject,
        "scope_item": one.scope_item,
        "item": one.item,
        "cycle": one.cycle,
        "catalogue_version": catalogue.version,
        "names": catalogue.items[one.item].names,
        "topic": theme_of_item(one.item, catalogue),
        "required": one.reason_code in DUTIES,
        "delicate": is_delicate(one.item, catalogue),
        "channels": frozenset(channels),
        "opens_on": one.opens_on,
    }
