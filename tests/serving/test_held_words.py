"""The page of all that is held speaks plainly: no table, deed or role is called by a name of the code."""

from __future__ import annotations

from typing import Final, get_args

import pytest

from records.holdings import personal_tables
from records.tables.vocabulary import DiscreetAudience
from serving.identity.actor import Role
from serving.wording import LANGUAGES, Language, load_words

DEEDS: Final = (
    *("address-code-given", "address-code-sent", "address-removed", "agents-granted", "agents-withdrawn"),
    *("audit.shown", "change", "close", "consent", "departure", "followed", "hat", "message-dismissed"),
    *("open", "pace", "presence-code", "proxy-granted", "proxy-withdrawn", "push", "read"),
    *("recommendation", "reminders", "request", "subject.read", "tag", "unfollowed", "unsubscribed", "view"),
    *(f"delicate-{what}-{to}" for what in ("shown", "hidden") for to in get_args(DiscreetAudience)),
)
"""What the audit chain may say was done about a subject."""
ROLES: Final = (*(role.value for role in Role), "console", "nobody", "system")


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_held_has_a_name_in_either_language(language: Language) -> None:
    words = load_words()[language]
    said = [f"table.{table.name}" for table in personal_tables()]
    said += [f"action.{deed}" for deed in DEEDS] + [f"role.{role}" for role in ROLES]
    assert [name for name in said if not words.has(f"held.{name}")] == []
