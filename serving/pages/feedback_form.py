"""What a card lets its reader say: not for me, done already, later, and taking it back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from catalog.catalogue import Catalogue
from models.homepage.arrangement import is_duty
from models.recommendation import Entry, Standing
from serving.wording import Words

Act = Literal["dismiss", "done", "later", "restore", "not_done"]
ACTS: tuple[Act, ...] = get_args(Act)
OPEN = (Standing.SHOULD_DO, Standing.CAN_DO, Standing.UPCOMING, Standing.NEEDS_INFORMATION)


@dataclass(frozen=True, slots=True)
class Button:
    """One thing that can be said."""

    act: Act
    text: str


@dataclass(frozen=True, slots=True)
class FeedbackForm:
    """A form of a card; it works without scripts."""

    url: str
    item: str
    scope_item: str
    cycle: str
    note: str | None
    """What holds already, and until when."""
    buttons: tuple[Button, ...]
    token: str | None
    """What tells that the form comes from the reader's own session."""


def feedback_form(
    entry: Entry, catalogue: Catalogue, home_url: str, words: Words, token: str | None
) -> FeedbackForm | None:
    """The form of an entry's card; None where nothing can be said of it."""
    acts = acts_of(entry, catalogue)
    if not acts:
        return None
    note = None
    if entry.set_aside is not None:
        note = words("feedback.set_aside", date=words.day(entry.set_aside))
    return FeedbackForm(
        url=f"{home_url}/feedback",
        item=entry.item,
        scope_item=entry.scope_item,
        cycle=entry.cycle,
        note=note,
        buttons=tuple(Button(act, words(f"feedback.{act}")) for act in acts),
        token=token,
    )


def acts_of(entry: Entry, catalogue: Catalogue) -> tuple[Act, ...]:
    """What may be said of an entry: a duty can be declared done, but neither refused nor put off."""
    if entry.standing is Standing.DONE:
        declared = any(reason.code == "done_self_declared" for reason in entry.reasons)
        return ("not_done",) if declared else ()
    if entry.standing not in OPEN:
        return ()
    if entry.set_aside is not None:
        return ("restore",)
    if entry.standing is Standing.UPCOMING:
        return () if is_duty(entry, catalogue) else ("dismiss",)
    return ("done",) if is_duty(entry, catalogue) else ("dismiss", "done", "later")
