"""One line of a homepage as a card: every word already in the reader's language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from catalog.catalogue import Catalogue, Item
from catalog.vocabulary import Delicacy
from models.recommendation import Entry, Judgement, Standing, Urgency
from serving.pages.due import Due, due_of
from serving.pages.facts import SHOWN, attribute_named, facts_of
from serving.pages.feedback_form import FeedbackForm, feedback_form
from serving.pages.offices import ChannelLine, authority_of, call_to_action, channels_of, citations, item_url
from serving.pages.start_form import StartForm, start_form
from serving.wording import Mode, Words

Tone = Literal["duty", "late", "lapse", "ready", "open", "soon", "ask", "busy", "done"]

TONE_OF_URGENCY: Mapping[Urgency, Tone] = {
    Urgency.OVERDUE: "late",
    Urgency.OBLIGATION: "duty",
    Urgency.PROMPTLY: "duty",
    Urgency.LAPSING: "lapse",
}
TONE_OF_STANDING: Mapping[Standing, Tone] = {
    Standing.SHOULD_DO: "duty",
    Standing.CAN_DO: "open",
    Standing.UPCOMING: "soon",
    Standing.NEEDS_INFORMATION: "ask",
    Standing.IN_PROGRESS: "busy",
    Standing.DONE: "done",
    Standing.NOT_ELIGIBLE: "done",
}
INFORMATION_SHOWN = 3
SAID_ELSEWHERE = ("ready", "provisional", "ranked_by_ready")
"""Reasons a card already tells beside its papers and its date."""


@dataclass(frozen=True, slots=True)
class Card:
    """An entry as it is shown."""

    title: str
    url: str
    whose: str | None
    chip: str
    tone: Tone
    due: Due | None
    papers: str | None
    papers_complete: bool
    information: str | None
    reasons: tuple[str, ...]
    discreet: bool
    """True for what is delicate to show: its reason stays folded."""
    call_to_action: str | None
    authority: str
    channels: tuple[ChannelLine, ...]
    facts: tuple[str, ...]
    law: tuple[str, ...]
    feedback: FeedbackForm | None
    start: StartForm | None = None
    """How to begin it at the portal; None where there is nothing to begin, or no portal."""


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom cards are worded: whose page, what is known of them, which language and mode."""

    ref: str
    """`citizen:ID` or `enterprise:ID`."""
    home_url: str
    judgement: Judgement
    words: Words
    mode: Mode
    withheld: frozenset[str]
    """What further consent would let the page know."""
    form_token: str | None = None
    """What forms of this session carry; None where nobody is signed in."""
    portal: bool = False
    """Whether there is a portal where things can be done."""

    def wanted(self, attribute: str, catalogue: Catalogue) -> str:
        """The name of an attribute that is not known, and whether consent would open it."""
        name = self.words.name(attribute_named(attribute, catalogue).names)
        return self.words("item.consent_needed", name=name) if attribute in self.withheld else name

    @property
    def on(self) -> dt.date:
        """The day of the page."""
        return self.judgement.on


def card(entry: Entry, catalogue: Catalogue, reader: Reader) -> Card:
    """The card of one entry for its reader."""
    words, on = reader.words, reader.on
    item = catalogue.items[entry.item]
    chip, tone = chip_of(entry, words)
    return Card(
        title=words.name(item.names),
        url=item_url(item, reader.ref, entry.scope_item),
        whose=entry.label,
        chip=chip,
        tone=tone,
        due=due_of(entry, on, words),
        papers=papers_of(entry, catalogue, words),
        papers_complete=entry.ready,
        information=information_of(entry, catalogue, reader),
        reasons=reasons_of(entry, words),
        discreet=item.delicacy is Delicacy.SENSITIVE,
        call_to_action=call_to_action(item, words),
        authority=words.authority(authority_of(item)),
        channels=channels_of(item, words),
        facts=told_of(entry, item, catalogue, reader),
        law=citations(item.legal_basis),
        feedback=feedback_form(entry, catalogue, reader.home_url, words, reader.form_token),
        start=start_form(entry, item, reader.home_url, reader.form_token) if reader.portal else None,
    )


def reasons_of(entry: Entry, words: Words) -> tuple[str, ...]:
    """Why an entry is where it is, less what the card says in another place."""
    return tuple(words.name(r.text) for r in entry.reasons if r.code not in SAID_ELSEWHERE)


def told_of(entry: Entry, item: Item, catalogue: Catalogue, reader: Reader) -> tuple[str, ...]:
    """The known facts an entry rests on, as many as a card has room for."""
    facts = facts_of(item, entry.scope_item, reader.judgement, catalogue, reader.words)
    known = [fact.told(reader.words) for fact in facts if fact.text is not None]
    return tuple(known[:SHOWN])


def chip_of(entry: Entry, words: Words) -> tuple[str, Tone]:
    """The words and the tone that say where an entry stands."""
    if entry.standing is Standing.SHOULD_DO and entry.urgency is not None:
        return words(f"chip.{entry.urgency.value}"), TONE_OF_URGENCY[entry.urgency]
    if entry.standing is Standing.CAN_DO and entry.ready:
        return words("chip.ready"), "ready"
    return words(f"chip.{entry.standing.value}"), TONE_OF_STANDING[entry.standing]


def papers_of(entry: Entry, catalogue: Catalogue, words: Words) -> str | None:
    """`Papers complete`, the papers still to bring, or None where it does not matter yet."""
    if entry.ready:
        return words("card.papers_ready")
    if not entry.missing:
        return None
    names = tuple(words.name(catalogue.evidence_types[paper].names) for paper in entry.missing)
    return words("card.papers_missing", n=len(names), names=words.listed(names))


def information_of(entry: Entry, catalogue: Catalogue, reader: Reader) -> str | None:
    """The first few facts that would settle an undetermined entry."""
    if entry.standing is not Standing.NEEDS_INFORMATION or not entry.unknown:
        return None
    words, names = reader.words, [reader.wanted(name, catalogue) for name in entry.unknown]
    told = words.listed(tuple(names[:INFORMATION_SHOWN]))
    rest = len(names) - INFORMATION_SHOWN
    return told if rest <= 0 else f"{told}{words('list.comma')}{words('card.more_information', n=rest)}"
