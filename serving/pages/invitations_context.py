"""The context of the page of invitations: what is proposed, what is agreed on, and how to answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, get_args

from catalog.catalogue import Catalogue
from models.invitation.answering import Refusal
from models.invitation.planning import reason
from records.invitation_answers import Invitation
from serving.invitations import POSTPONED_DAYS, Lists
from serving.pages.cards import Card, Reader, card
from serving.pages.frame import Frame
from serving.pages.offices import item_url
from serving.wording import Words

ANSWERS: Final = ("accept", "postpone", "decline", "done")
REFUSALS: Final[tuple[str, ...]] = get_args(Refusal)
SHOWN: Final = 2
"""How many candidates the homepage names."""


@dataclass(frozen=True, slots=True)
class InvitationCard:
    """One invitation and the days its answers may name."""

    number: int
    title: str
    url: str
    whose: str | None
    reason: str
    agreed: str | None
    suggested: str
    due: str | None
    note: str | None
    answer_url: str
    chosen: str
    """The day the form starts from."""
    first: str
    last: str | None
    again: str
    """When to ask again, where the subject names no other day."""
    again_first: str
    may_postpone: bool


@dataclass(frozen=True, slots=True)
class InvitationsContext:
    """What invitations.html is rendered from."""

    t: Words
    frame: Frame
    home_url: str
    form_token: str | None
    candidates: tuple[InvitationCard, ...]
    agreed: tuple[InvitationCard, ...]
    duties: tuple[Card, ...]
    said: str | None
    """A word on what was just answered, or why it could not be."""
    refused: bool


@dataclass(frozen=True, slots=True)
class InvitedLine:
    """One proposal as the homepage names it."""

    title: str
    whose: str | None
    suggested: str


@dataclass(frozen=True, slots=True)
class InvitedPanel:
    """What the homepage says of invitations."""

    url: str
    counted: str
    lines: tuple[InvitedLine, ...]


Labels = Mapping[str, str | None]


def invitations_context(
    lists: Lists,
    labels: Labels,
    catalogue: Catalogue,
    reader: Reader,
    page_frame: Frame,
    told: Mapping[str, str],
) -> InvitationsContext:
    """Both lists in the reader's words; `told` is what the address says was just answered."""
    refused = told.get("refused") in REFUSALS
    return InvitationsContext(
        t=reader.words,
        frame=page_frame,
        home_url=reader.home_url,
        form_token=reader.form_token,
        candidates=tuple(_card(one, labels, catalogue, reader) for one in lists.candidates),
        agreed=tuple(_card(one, labels, catalogue, reader) for one in lists.agreed),
        duties=tuple(card(entry, catalogue, reader) for entry in lists.duties),
        said=_said(told, reader.words),
        refused=refused,
    )


def invited_panel(lists: Lists, labels: Labels, catalogue: Catalogue, reader: Reader) -> InvitedPanel | None:
    """What the homepage says of invitations; None where nothing is proposed or agreed on."""
    if not lists.candidates and not lists.agreed:
        return None
    cards = [_card(one, labels, catalogue, reader) for one in (*lists.candidates, *lists.agreed)[:SHOWN]]
    words = reader.words
    counts = [words("invite.count_candidates", n=len(lists.candidates))] if lists.candidates else []
    counts += [words("invite.count_agreed", n=len(lists.agreed))] if lists.agreed else []
    return InvitedPanel(
        url=f"{reader.home_url}/invitations",
        counted=words.listed(tuple(counts)),
        lines=tuple(InvitedLine(one.title, one.whose, one.agreed or one.suggested) for one in cards),
    )


def _said(told: Mapping[str, str], words: Words) -> str | None:
    said, refused = told.get("said"), told.get("refused")
    if refused in REFUSALS:
        day = _day(told.get("day"))
        code = f"error.invitation-{str(refused).replace('_', '-')}.detail"
        return words(code, day="" if day is None else words.day(day))
    return words(f"invite.said_{said}") if said in ANSWERS else None


def _day(text: str | None) -> dt.date | None:
    try:
        return None if text is None else dt.date.fromisoformat(text)
    except ValueError:
        return None


def _card(one: Invitation, labels: Labels, catalogue: Catalogue, reader: Reader) -> InvitationCard:
    words, on, item = reader.words, reader.on, catalogue.items[one.item]
    why = reason(one.reason_code, one.opens_on if one.reason_code == "opens_soon" else one.due_on)
    agreed_on, first = one.state.agreed_on, max(on, one.opens_on or on)
    tomorrow = on + dt.timedelta(days=1)
    again = min(on + dt.timedelta(days=POSTPONED_DAYS), one.valid_to or dt.date.max)
    return InvitationCard(
        number=one.id,
        title=words.name(item.names),
        url=item_url(item, reader.ref, one.scope_item),
        whose=labels.get(one.scope_item),
        reason=words.name(why.text),
        agreed=None if agreed_on is None else words("invite.agreed_on", date=words.day(agreed_on, on)),
        suggested=words("invite.suggested_on", date=words.day(one.suggested_on, on)),
        due=None if one.due_on is None else words("invite.due_on", date=words.day(one.due_on, on)),
        note=_note(one, words),
        answer_url=f"{reader.home_url}/invitations/{one.id}",
        chosen=max(agreed_on or one.suggested_on, first).isoformat(),
        first=first.isoformat(),
        last=None if one.valid_to is None else one.valid_to.isoformat(),
        again=again.isoformat(),
        again_first=tomorrow.isoformat(),
        may_postpone=again >= tomorrow,
    )


def _note(one: Invitation, words: Words) -> str | None:
    """What is to be known of the suggested day."""
    if one.tight:
        return words("invite.tight")
    return words("card.provisional") if one.provisional else None
