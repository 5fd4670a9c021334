"""What leaves the inbox: nothing delicate unasked, and nothing that rests on sensitive or children's data."""

from __future__ import annotations

import datetime as dt

import pytest

from catalog.vocabulary import Delicacy, Proactive, SubjectKind
from models.homepage import Page, arrange
from models.recommendation import Homepage, Standing, Urgency
from records.choices import EVERY_THEME, Choices
from records.reminders import NEUTRAL, USE_OF, reminders_of
from records.tables.vocabulary import REMINDER_CHANNELS, ReminderChannel
from tests.serving.hand_made import catalogue, entry

DAY = dt.date(2026, 11, 21)
OUTWARD = [channel for channel in REMINDER_CHANNELS if channel != "inbox"]
CHECK, DIVORCE, BIRTH, CARD = (
    "cs-premarital-check",
    "cs-divorce-application",
    "cs-birth-registration",
    "cs-id-card-renewal",
)


def _page() -> Homepage:
    due = {"urgency": Urgency.OBLIGATION, "due_on": DAY}
    entries = [entry(item, Standing.SHOULD_DO, **due) for item in (CHECK, DIVORCE, BIRTH, CARD)]
    return arrange(Page("c-1", SubjectKind.CITIZEN, DAY), entries, (), catalogue())


def _told(channel: str, *asked: str) -> dict[str, object]:
    wanted = Choices(reminders={(EVERY_THEME, channel): True})
    found = reminders_of(_page(), catalogue(), wanted, channel, asked)  # type: ignore[arg-type]
    return {reminder.item: reminder.preview for reminder in found}


def test_the_hand_made_items_are_as_delicate_as_these_tests_think() -> None:
    items = catalogue().items
    assert items[CHECK].delicacy is Delicacy.SENSITIVE
    assert items[DIVORCE].proactive is Proactive.SEARCH_ONLY
    assert items[CARD].delicacy is Delicacy.NORMAL


def test_the_inbox_tells_of_delicate_items_in_neutral_words() -> None:
    told = _told("inbox")
    assert told[CHECK] == NEUTRAL
    assert told[CARD] == catalogue().items[CARD].names
    assert DIVORCE not in told, "search only: never pushed"


@pytest.mark.parametrize("channel", OUTWARD)
def test_nothing_delicate_leaves_the_inbox_unless_asked_for_and_then_in_neutral_words(channel: str) -> None:
    assert CHECK not in _told(channel)
    assert CARD in _told(channel)
    assert _told(channel, CHECK)[CHECK] == NEUTRAL
    assert DIVORCE not in _told(channel, DIVORCE), "search only, whatever was asked"


def test_every_channel_has_a_use_that_the_mask_knows() -> None:
    channels: tuple[ReminderChannel, ...] = REMINDER_CHANNELS  # type: ignore[assignment]
    assert set(USE_OF) == set(channels)
