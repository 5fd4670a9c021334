"""The context of `My data and choices`: both switches, tags, the consent centre, requests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from catalog.catalogue import Catalogue
from catalog.vocabulary import SubjectKind
from privacy.tags import EVENT, TRAIT
from records.choices import INBOX, Choices
from records.requests import PrivacyRequest
from records.tables.vocabulary import ReminderChannel
from serving.pages.frame import Frame
from serving.privacy.consent_themes import ConsentTheme, Use
from serving.privacy.tag_words import tag_text
from serving.privacy.tags_shown import Tag
from serving.wording import Words

CHANNELS: Final[dict[SubjectKind, tuple[ReminderChannel, ...]]] = {
    SubjectKind.CITIZEN: ("inbox", "app", "sms", "email", "letter"),
    SubjectKind.ENTERPRISE: ("inbox", "app", "sms", "email", "webhook"),
}
"""The channels each kind of subject can choose."""


@dataclass(frozen=True, slots=True)
class ThemeBox:
    """One theme of a channel, ticked where its reminders are wanted."""

    theme: str
    name: str
    wanted: bool


@dataclass(frozen=True, slots=True)
class ChannelPanel:
    """One channel: in how many themes its reminders are wanted."""

    id: ReminderChannel
    name: str
    state: str
    note: str | None
    themes: tuple[ThemeBox, ...]


@dataclass(frozen=True, slots=True)
class TagLine:
    """One tag and what it says."""

    id: str
    name: str
    text: str
    deleted: bool
    note: str | None
    button: str
    label: str


@dataclass(frozen=True, slots=True)
class TagGroup:
    """Tags of one sort."""

    title: str
    lines: tuple[TagLine, ...]
    opened: bool
    """Whether any of it was deleted, so that what can be brought back is in sight."""


@dataclass(frozen=True, slots=True)
class UseLine:
    """What one purpose asks for, and what was said."""

    purpose: str
    title: str
    use: str
    granted_means: str
    refused_means: str
    granted: bool
    state: str
    text_version: str


@dataclass(frozen=True, slots=True)
class ThemePanel:
    """One theme of the consent centre."""

    id: str
    name: str
    sensitive: bool
    necessity: str
    impact: str
    state: str
    uses: tuple[UseLine, ...]
    opened: bool


@dataclass(frozen=True, slots=True)
class RequestLine:
    """One request and where it stands."""

    id: str
    what: str
    said: str
    state: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class PrivacyContext:
    """What privacy.html is rendered from."""

    t: Words
    frame: Frame
    home_url: str
    here: str
    said: str | None
    """What was just done, in a sentence."""
    personalised: bool
    channels: tuple[ChannelPanel, ...]
    tags: tuple[TagGroup, ...]
    themes: tuple[ThemePanel, ...]
    requests: tuple[RequestLine, ...]
    may_close: bool
    """Whether the reader may put an end to the account."""


def channel_panels(
    choices: Choices, catalogue: Catalogue, kind: SubjectKind, words: Words
) -> tuple[ChannelPanel, ...]:
    """A panel a channel, with a box for each theme."""
    return tuple(_channel(channel, choices, catalogue, kind, words) for channel in CHANNELS[kind])


def _channel(
    channel: ReminderChannel, choices: Choices, catalogue: Catalogue, kind: SubjectKind, words: Words
) -> ChannelPanel:
    named = [(t.id, words.name(t.names)) for t in catalogue.themes.values() if t.subject is kind]
    boxes = tuple(ThemeBox(theme, name, choices.wanted(theme, channel)) for theme, name in named)
    wanted = sum(box.wanted for box in boxes)
    state = "none" if not wanted else "all" if wanted == len(boxes) else "some"
    return ChannelPanel(
        id=channel,
        name=words(f"privacy.channel.{channel}"),
        state=words(f"privacy.reminders.{state}", wanted=wanted, total=len(boxes)),
        note=words("privacy.reminders.inbox_note") if channel == INBOX else None,
        themes=boxes,
    )


def tag_groups(
    tags: Iterable[Tag], catalogue: Catalogue, kind: SubjectKind, words: Words
) -> tuple[TagGroup, ...]:
    """Traits, dealings and guesses apart, none of the groups empty."""
    groups: dict[str, list[TagLine]] = {"traits": [], "dealings": [], "guesses": []}
    for tag in tags:
        sort = tag.id.partition(":")[0]
        group = {TRAIT: "traits", EVENT: "guesses"}.get(sort, "dealings")
        name = words.name(tag.names)
        button = words("tags.restore" if tag.deleted else "tags.delete")
        note = words("tags.deleted") if tag.deleted else words("tags.silent") if tag.silent else None
        text = tag_text(tag, catalogue, kind, words)
        groups[group].append(TagLine(tag.id, name, text, tag.deleted, note, button, f"{button} {name}"))
    return tuple(
        TagGroup(words(f"tags.{name}"), tuple(lines), any(line.deleted for line in lines))
        for name, lines in groups.items()
        if lines
    )


def theme_panels(
    themes: Iterable[ConsentTheme], words: Words, opened: str | None = None
) -> tuple[ThemePanel, ...]:
    """The consent centre in the reader's words, the theme that was just decided on standing open."""
    return tuple(_theme(theme, words, theme.id == opened) for theme in themes)


def _theme(theme: ConsentTheme, words: Words, opened: bool) -> ThemePanel:
    told = theme.words[words.language]
    granted = sum(use.granted for use in theme.uses)
    return ThemePanel(
        id=theme.id,
        name=words.name(theme.names),
        sensitive=theme.sensitive,
        necessity=told.necessity,
        impact=told.impact,
        state=words("privacy.consents.count", n=granted, total=len(theme.uses)),
        uses=tuple(_use(use, words) for use in theme.uses),
        opened=opened,
    )


def _use(use: Use, words: Words) -> UseLine:
    told = use.words[words.language]
    state = "granted" if use.granted else "partly" if use.partly else "refused"
    return UseLine(
        purpose=use.purpose,
        title=told.title,
        use=told.use,
        granted_means=told.granted,
        refused_means=told.refused,
        granted=use.granted or use.partly,
        state=words(f"privacy.consents.{state}"),
        text_version=use.text_version,
    )


def request_lines(
    requests: Iterable[PrivacyRequest], catalogue: Catalogue, on: dt.date, words: Words
) -> tuple[RequestLine, ...]:
    """The subject's requests in the reader's words."""
    return tuple(_request(one, catalogue, on, words) for one in requests)


def _request(one: PrivacyRequest, catalogue: Catalogue, on: dt.date, words: Words) -> RequestLine:
    attribute = catalogue.attributes.get(one.attribute or "")
    what = words(f"privacy.requests.kind.{one.kind}")
    if attribute is not None:
        what = words("privacy.requests.about", what=what, name=words.name(attribute.names))
    state = words(f"privacy.requests.{one.state}", date=words.day(one.due_on, on))
    if one.authority is not None and one.state == "open":
        state = words("privacy.requests.with", state=state, authority=words.authority(one.authority))
    return RequestLine(one.id, what, one.said, state, one.reason)
