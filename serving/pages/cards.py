"""One line of a homepage as a card: every word already in the reader's language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, urlencode

from catalog.catalogue import Catalogue, Item
from catalog.public_service import Channels, PublicService
from catalog.vocabulary import Delicacy
from models.recommendation import Entry, Standing, Urgency
from serving.wording import Words

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
DUE_WORDS: Mapping[Urgency, str] = {
    Urgency.OVERDUE: "due_missed",
    Urgency.OBLIGATION: "due_by",
    Urgency.LAPSING: "due_lapse",
}
DUTIES = (Urgency.OBLIGATION, Urgency.OVERDUE)
INFORMATION_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Due:
    """When, in words. Only a dated duty counts its days down."""

    text: str
    iso: str | None
    countdown: str | None
    provisional: str | None


@dataclass(frozen=True, slots=True)
class ChannelLine:
    """One way to do an item; `url` when it can be followed."""

    label: str
    text: str
    url: str | None


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
    law: tuple[str, ...]


def card(entry: Entry, subject_ref: str, catalogue: Catalogue, on: dt.date, words: Words) -> Card:
    """The card of one entry for `subject_ref` (`citizen:ID`, `enterprise:ID`)."""
    item = catalogue.items[entry.item]
    chip, tone = chip_of(entry, words)
    return Card(
        title=words.name(item.names),
        url=item_url(item, subject_ref, entry.scope_item),
        whose=entry.label,
        chip=chip,
        tone=tone,
        due=due_of(entry, on, words),
        papers=papers_of(entry, catalogue, words),
        papers_complete=entry.ready,
        information=information_of(entry, catalogue, words),
        reasons=tuple(words.name(reason.text) for reason in entry.reasons),
        discreet=item.delicacy is Delicacy.SENSITIVE,
        call_to_action=call_to_action(item, words),
        authority=words.authority(authority_of(item)),
        channels=channels_of(item, words),
        law=citations(item.legal_basis),
    )


def item_url(item: Item, subject_ref: str | None = None, scope_item: str | None = None) -> str:
    """The address of an item's page, as seen by a subject when one is given."""
    kind = "public-services" if isinstance(item, PublicService) else "support-policies"
    query = {"subject": subject_ref, "scope_item": scope_item}
    asked = urlencode({name: value for name, value in query.items() if value is not None})
    return f"/{kind}/{quote(item.id, safe='')}" + (f"?{asked}" if asked else "")


def chip_of(entry: Entry, words: Words) -> tuple[str, Tone]:
    """The words and the tone that say where an entry stands."""
    if entry.standing is Standing.SHOULD_DO and entry.urgency is not None:
        return words(f"chip.{entry.urgency.value}"), TONE_OF_URGENCY[entry.urgency]
    if entry.standing is Standing.CAN_DO and entry.ready:
        return words("chip.ready"), "ready"
    return words(f"chip.{entry.standing.value}"), TONE_OF_STANDING[entry.standing]


def due_of(entry: Entry, on: dt.date, words: Words) -> Due | None:
    """The date an entry turns on, or None where there is none to tell."""
    provisional = words("card.provisional") if entry.provisional else None
    if entry.urgency is Urgency.PROMPTLY:
        return Due(words("card.promptly"), None, None, None)
    if entry.standing is Standing.UPCOMING and entry.opens_on is not None:
        return Due(
            words("card.from", date=words.day(entry.opens_on)), entry.opens_on.isoformat(), None, provisional
        )
    if entry.due_on is None:
        return None
    told = "due_right" if entry.urgency is None else DUE_WORDS[entry.urgency]
    counted = countdown(entry.due_on, on, words) if entry.urgency in DUTIES else None
    return Due(
        words(f"card.{told}", date=words.day(entry.due_on)), entry.due_on.isoformat(), counted, provisional
    )


def countdown(due_on: dt.date, on: dt.date, words: Words) -> str:
    """How many days are left, or how many have gone by."""
    left = (due_on - on).days
    if left == 0:
        return words("countdown.today")
    return words("countdown.left", n=left) if left > 0 else words("countdown.late", n=-left)


def papers_of(entry: Entry, catalogue: Catalogue, words: Words) -> str | None:
    """`Papers complete`, the papers still to bring, or None where it does not matter yet."""
    if entry.ready:
        return words("card.papers_ready")
    if not entry.missing:
        return None
    names = tuple(words.name(catalogue.evidence_types[paper].names) for paper in entry.missing)
    return words("card.papers_missing", n=len(names), names=words.listed(names))


def information_of(entry: Entry, catalogue: Catalogue, words: Words) -> str | None:
    """The first few facts that would settle an undetermined entry."""
    if entry.standing is not Standing.NEEDS_INFORMATION or not entry.unknown:
        return None
    names = [attribute_name(name, catalogue, words) for name in entry.unknown]
    told = words.listed(tuple(names[:INFORMATION_SHOWN]))
    rest = len(names) - INFORMATION_SHOWN
    return told if rest <= 0 else f"{told}{words('list.comma')}{words('card.more_information', n=rest)}"


def attribute_name(name: str, catalogue: Catalogue, words: Words) -> str:
    """What the register calls an attribute, a presence attribute or a parameter."""
    known = catalogue.attributes.get(name) or catalogue.parameters.get(name)
    if known is None:
        known = catalogue.attributes[name.removeprefix("has_")]
    return words.name(known.names)


def authority_of(item: Item) -> str:
    """The office that answers for an item."""
    return item.authority if isinstance(item, PublicService) else item.issuer


def call_to_action(item: Item, words: Words) -> str | None:
    """What a policy asks of the enterprise; a public service says it by its channels."""
    return None if isinstance(item, PublicService) else words(f"apply_mode.{item.apply_mode}")


def channels_of(item: Item, words: Words) -> tuple[ChannelLine, ...]:
    """The known ways to do an item; where none is known, the 12345 hotline, said to be just that."""
    channels = item.channels if isinstance(item, PublicService) else None
    known = _known(channels, words) if channels is not None else ()
    return known or (
        ChannelLine(words("channel.hotline_default"), words("card.channel_unknown"), "tel:12345"),
    )


def _known(channels: Channels, words: Words) -> tuple[ChannelLine, ...]:
    ways = {
        "online": channels.online,
        "terminal": channels.terminal,
        "hall": channels.hall,
        "hotline": channels.hotline,
    }
    return tuple(
        ChannelLine(words(f"channel.{way}"), text, text if text.startswith("https://") else None)
        for way, text in ways.items()
        if text is not None
    )


def citations(legal_basis: str) -> tuple[str, ...]:
    """The texts of a legal basis, one each."""
    return tuple(part.strip() for part in legal_basis.replace(";", ";").split(";") if part.strip())
