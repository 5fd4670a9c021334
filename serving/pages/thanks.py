"""A word on what was just said of a card, and the way to take it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from serving.pages.cards import Reader
from serving.pages.feedback_form import ACTS, Act, Button, FeedbackForm
from serving.pages.homepage_context import HomepageContext

TAKEN_BACK_BY: Final[Mapping[str, Act]] = {"dismiss": "restore", "later": "restore", "done": "not_done"}
KEY: Final = ("item", "scope_item", "cycle")


def thanked(context: HomepageContext, told: Mapping[str, str], reader: Reader) -> HomepageContext:
    """The page with a word on what its address says was just said; as it is where nothing was."""
    said = told.get("said")
    if told.get("returned"):
        return replace(context, notices=(context.t("portal.returned"), *context.notices))
    if said not in ACTS:
        return context
    notices = (context.t(f"feedback.said_{said}"), *context.notices)
    return replace(context, notices=notices, undo=_undo(said, told, reader))


def _undo(said: str, told: Mapping[str, str], reader: Reader) -> FeedbackForm | None:
    if said not in TAKEN_BACK_BY or not all(told.get(name) for name in KEY):
        return None
    item, scope_item, cycle = (told[name] for name in KEY)
    button = Button(TAKEN_BACK_BY[said], reader.words("feedback.undo"))
    url = f"{reader.home_url}/feedback"
    return FeedbackForm(url, item, scope_item, cycle, None, (button,), reader.form_token)
