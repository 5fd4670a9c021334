"""The subject's switches: personalised recommendation, reminders by theme and channel, deleted tags."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, delete, select

from records.insertion import insert_or_change
from records.reliance import CODES, RECOMMENDATION, cancel_pushes_of, cancel_pushes_relying_on
from records.subjects import hold_subjects
from records.tables import deleted_tag, recommendation_choice, reminder_choice
from records.tables.vocabulary import ReminderChannel

EVERY_THEME: Final = "*"
"""In place of a theme: every theme the subject has not spoken of on its own."""
INBOX: Final[ReminderChannel] = "inbox"
AT_ONCE: Final = 5_000
"""Subjects named in one statement."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What one subject has decided; whoever has decided nothing has recommendation on and the inbox alone."""

    personalised: bool = True
    """Whether ranking, forecasts and tags may shape the page."""
    reminders: Mapping[tuple[str, str], bool] = field(default_factory=dict)
    """By theme (or `*`) and channel, whether reminders are wanted."""
    deleted_tags: frozenset[str] = frozenset()

    def wanted(self, theme: str, channel: ReminderChannel) -> bool:
        """Whether the subject wants reminders on a theme by a channel: the inbox by default, no other."""
        default = self.reminders.get((EVERY_THEME, channel), channel == INBOX)
        return self.reminders.get((theme, channel), default)

    def wants_any(self, channel: ReminderChannel) -> bool:
        """Whether reminders on any theme at all are wanted by a channel."""
        default = self.reminders.get((EVERY_THEME, channel), channel == INBOX)
        return default or any(wanted for (_, by), wanted in self.reminders.items() if by == channel)

    def may_tell(self, theme: str, channel: ReminderChannel, *, required: bool) -> bool:
        """Whether a message may go out; `required` is what a duty bids or the subject asked for.

        What is required always reaches the inbox; what is not needs recommendation to be on.
        """
        if required and channel == INBOX:
            return True
        return (required or self.personalised) and self.wanted(theme, channel)


def choices_of(connection: Connection, subject: str) -> Choices:
    """What the subject has decided, read afresh at every call."""
    return choices_of_all(connection, {subject})[subject]


def choices_of_all(connection: Connection, subjects: Collection[str]) -> dict[str, Choices]:
    """What each of the subjects has decided."""
    c, r, d = recommendation_choice.c, reminder_choice.c, deleted_tag.c
    said = connection.execute(select(c.subject, c.personalised).where(c.subject.in_(subjects)))
    personalised = {subject: bool(word) for subject, word in said}
    reminders: dict[str, dict[tuple[str, str], bool]] = {}
    for subject, theme, channel, wanted in connection.execute(
        select(r.subject, r.theme, r.channel, r.wanted).where(r.subject.in_(subjects))
    ):
        reminders.setdefault(subject, {})[theme, channel] = wanted
    tags: dict[str, set[str]] = {}
    for subject, tag in connection.execute(select(d.subject, d.tag).where(d.subject.in_(subjects))):
        tags.setdefault(subject, set()).add(tag)
    return {
        subject: Choices(
            personalised.get(subject, True), reminders.get(subject, {}), frozenset(tags.get(subject, ()))
        )
        for subject in subjects
    }


def personalised_among(connection: Connection, subjects: Sequence[str]) -> set[str]:
    """Those of many subjects who have not switched recommendation off."""
    c, off = recommendation_choice.c, set[str]()
    for start in range(0, len(subjects), AT_ONCE):
        some = c.subject.in_(subjects[start : start + AT_ONCE])
        off.update(connection.execute(select(c.subject).where(some, c.personalised.is_(False))).scalars())
    return set(subjects) - off


def choose_recommendation(connection: Connection, subject: str, personalised: bool, at: dt.datetime) -> int:
    """Switch personalised recommendation; how many waiting pushes that rested on it were cancelled."""
    row = {"subject": subject, "personalised": personalised, "changed_at": at}
    insert_or_change(connection, recommendation_choice, row)
    return 0 if personalised else cancel_pushes_relying_on(connection, subject, [RECOMMENDATION])


def choose_reminders(
    connection: Connection, subject: str, theme: str, channel: ReminderChannel, wanted: bool, at: dt.datetime
) -> int:
    """Switch reminders on a theme (or all others, `*`) by a channel; how many waiting pushes it cancelled."""
    row = {"subject": subject, "theme": theme, "channel": channel, "wanted": wanted, "changed_at": at}
    insert_or_change(connection, reminder_choice, row)
    if wanted:
        return 0
    now = choices_of(connection, subject)
    return cancel_pushes_of(
        connection, subject, channel, lambda topic: topic != CODES and not now.wanted(topic, channel)
    )


def delete_tag(connection: Connection, subject: str, tag: str, at: dt.datetime) -> bool:
    """Delete a tag; False if it was deleted before."""
    hold_subjects(connection, [subject])
    if tag in choices_of(connection, subject).deleted_tags:
        return False
    connection.execute(deleted_tag.insert().values(subject=subject, tag=tag, deleted_at=at))
    return True


def restore_tag(connection: Connection, subject: str, tag: str) -> bool:
    """Take a deletion back; False if there was none."""
    mine = (deleted_tag.c.subject == subject, deleted_tag.c.tag == tag)
    return connection.execute(delete(deleted_tag).where(*mine)).rowcount == 1
