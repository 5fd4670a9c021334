"""How a subject is told, and what they follow, in the reader's words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from catalog.catalogue import Catalogue
from catalog.vocabulary import SubjectKind
from records.addresses import veiled
from records.choices import Choices
from records.contacts import Contact
from records.pace import Pace
from records.settings import SHANGHAI
from records.subscriptions import LEAD_DAYS, Followed, Subscription
from records.tables.vocabulary import DIGESTS, AddressChannel, FollowedKind
from serving.inbox.titles import followed_names, is_offered
from serving.pages.frame import Frame
from serving.wording import Words

CHANNELS: Final[dict[SubjectKind, tuple[AddressChannel, ...]]] = {
    SubjectKind.CITIZEN: ("sms", "email", "letter"),
    SubjectKind.ENTERPRISE: ("sms", "email", "webhook"),
}
"""The channels to an address that each kind of subject can choose, as in serving.pages.privacy_context."""
CAPS: Final = (1, 2, 3, 5, 10, 20)
INPUT: Final[dict[AddressChannel, tuple[str, str]]] = {
    "email": ("email", "email"),
    "sms": ("tel", "tel-national"),
    "webhook": ("text", "off"),
    "letter": ("text", "street-address"),
}
"""The kind of field an address is written into, and what a browser may fill it with."""


@dataclass(frozen=True, slots=True)
class AddressPanel:
    """One channel: its verified address, the one that waits for its code, or none."""

    channel: AddressChannel
    name: str
    state: str
    address: str | None
    waiting: str | None
    """What was sent where, and until when its code is good."""
    wanted: str
    all_wanted: bool
    label: str
    hint: str
    type: str
    fill: str
    remove: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several that can be chosen."""

    value: str
    text: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class TellingContext:
    """What telling.html is rendered from."""

    t: Words
    frame: Frame
    inbox_url: str
    privacy_url: str
    here: str
    said: str | None
    amiss: str | None
    """What went wrong with what was just sent."""
    addresses: tuple[AddressPanel, ...] | None
    """None where addresses are neither shown nor taken: on a screen that strangers share."""
    themes: tuple[str, ...]
    caps: tuple[Choice, ...]
    digests: tuple[Choice, ...]
    quiet_from: str
    quiet_until: str


@dataclass(frozen=True, slots=True)
class FollowedLine:
    """One thing that is followed."""

    kind: FollowedKind
    target: str
    name: str
    what: str
    leads: tuple[Choice, ...]
    when: str


@dataclass(frozen=True, slots=True)
class FollowingContext:
    """What following.html is rendered from."""

    t: Words
    frame: Frame
    inbox_url: str
    items_url: str
    here: str
    said: str | None
    lines: tuple[FollowedLine, ...]
    themes: tuple[Choice, ...]
    events: tuple[Choice, ...]


def address_panels(
    contacts: Iterable[Contact], choices: Choices, kind: SubjectKind, themes: tuple[str, ...], words: Words
) -> tuple[AddressPanel, ...]:
    """A panel for each channel that goes to an address."""
    every = tuple(contacts)
    known = {one.channel: one for one in every if one.verified_at is not None}
    waiting = {one.channel: one for one in every if one.verified_at is None}
    return tuple(
        _panel(
            channel, known, waiting, sum(choices.wanted(theme, channel) for theme in themes), themes, words
        )
        for channel in CHANNELS[kind]
    )


def _panel(
    channel: AddressChannel,
    known: Mapping[AddressChannel, Contact],
    waiting: Mapping[AddressChannel, Contact],
    wanted: int,
    themes: tuple[str, ...],
    words: Words,
) -> AddressPanel:
    verified, awaited = known.get(channel), waiting.get(channel)
    name = words(f"privacy.channel.{channel}")
    how_much = "none" if not wanted else "all" if wanted == len(themes) else "some"
    kind, fill = INPUT[channel]
    return AddressPanel(
        channel=channel,
        name=name,
        state=words(f"telling.{'verified' if verified else 'awaited' if awaited else 'no_address'}"),
        address=None if verified is None else veiled(channel, verified.address),
        waiting=None if awaited is None else _awaited(awaited, words),
        wanted=words(f"privacy.reminders.{how_much}", wanted=wanted, total=len(themes)),
        all_wanted=wanted == len(themes),
        label=words(f"telling.label.{channel}"),
        hint=words(f"telling.hint.{channel}"),
        type=kind,
        fill=fill,
        remove=words("telling.remove", channel=name),
    )


def _awaited(one: Contact, words: Words) -> str:
    until = "" if one.ends_at is None else f"{one.ends_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    return words("telling.code_sent", address=veiled(one.channel, one.address), until=until)


def pace_choices(pace: Pace, words: Words) -> tuple[tuple[Choice, ...], tuple[Choice, ...]]:
    """Caps and digests to choose from; a cap that was chosen otherwise stands among them."""
    caps = sorted({*CAPS, pace.most_a_day})
    return (
        tuple(Choice(str(n), words("telling.cap", n=n), n == pace.most_a_day) for n in caps),
        tuple(Choice(one, words(f"telling.digest.{one}"), one == pace.digest) for one in DIGESTS),
    )


def clock_of(time: dt.time) -> str:
    """A time of day as a field for times takes it."""
    return f"{time:%H:%M}"


def followed_lines(
    followed: Followed, catalogue: Catalogue, kind: SubjectKind, words: Words
) -> tuple[FollowedLine, ...]:
    """What is followed; what the catalogue has dropped since is shown by its id, to be ended."""
    return tuple(_line(one, catalogue, kind, words) for one in followed.subscriptions)


def _line(one: Subscription, catalogue: Catalogue, kind: SubjectKind, words: Words) -> FollowedLine:
    names = followed_names(one.kind, one.target, catalogue, kind)
    told = words.listed(tuple(words("following.days", n=days) for days in one.lead_days))
    return FollowedLine(
        kind=one.kind,
        target=one.target,
        name=one.target if names is None else words.name(names),
        what=words(f"following.kind.{one.kind}"),
        leads=tuple(
            Choice(str(days), words("following.days", n=days), days in one.lead_days) for days in LEAD_DAYS
        ),
        when=words("following.when", days=told) if told else words("following.as_usual"),
    )


def to_follow(
    followed: Followed, catalogue: Catalogue, kind: SubjectKind, words: Words
) -> tuple[tuple[Choice, ...], tuple[Choice, ...]]:
    """Themes and events that are not followed yet."""
    known = {(one.kind, one.target) for one in followed.subscriptions}
    themes = tuple(
        Choice(theme.id, words.name(theme.names), chosen=False)
        for theme in catalogue.themes.values()
        if theme.subject is kind and ("theme", theme.id) not in known
    )
    events = tuple(
        Choice(event.id, words.name(event.names), chosen=False)
        for event in catalogue.events.values()
        if event.subject is kind and is_offered(event) and ("event", event.id) not in known
    )
    return themes, tuple(sorted(events, key=lambda one: one.text))
