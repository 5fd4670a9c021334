"""Which items answer what was asked about: by the topic's own list, the item itself, or the theme."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

import msgspec

from catalog.catalogue import Catalogue
from catalog.vocabulary import Names, Proactive, Status, SubjectKind
from models.homepage import theme_of_item
from models.recommendation import Entry, Standing

MOST: Final = 3
"""Items of one answer: more would be a catalogue, not an answer."""
OPEN: Final = (Standing.SHOULD_DO, Standing.CAN_DO)


class Topic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One topic of the hotline's list."""

    names: Names
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matched:
    """What was asked about, in plain words, and the items that answer it; none where nothing does."""

    names: Names
    items: tuple[str, ...]
    by_standing: bool
    """Whether the items were chosen by where the subject stands, and so rest on their profile."""


@cache
def default_topics() -> dict[str, Topic]:
    """The topics that ship."""
    text = resources.files("pipelines.call_back").joinpath("topics.yaml").read_bytes()
    return msgspec.yaml.decode(text, type=dict[str, Topic])


def matched(topic: str, kind: SubjectKind, catalogue: Catalogue, entries: Iterable[Entry]) -> Matched | None:
    """What answers a topic for a subject; None for a topic that nothing is known of.

    Of a theme only what the subject should or can do is an answer; `entries` are their standings as far as
    reminders may know. What is only ever found by searching is never sent.
    """
    listed = default_topics().get(topic)
    if listed is not None:
        return Matched(listed.names, _fit(listed.items, kind, catalogue), by_standing=False)
    if topic in catalogue.items:
        names = catalogue.items[topic].names
        return Matched(names, _fit([topic], kind, catalogue), by_standing=False)
    theme = catalogue.themes.get(topic)
    if theme is None:
        return None
    of_theme = [
        entry.item
        for entry in entries
        if entry.standing in OPEN and theme_of_item(entry.item, catalogue) == topic
    ]
    return Matched(theme.names, _fit(dict.fromkeys(of_theme), kind, catalogue), by_standing=True)


def _fit(items: Iterable[str], kind: SubjectKind, catalogue: Catalogue) -> tuple[str, ...]:
    found = (catalogue.items[item] for item in items if item in catalogue.items)
    told = (
        item.id
        for item in found
        if item.subject is kind
        and item.status is Status.CONFIRMED
        and item.proactive is not Proactive.SEARCH_ONLY
    )
    return tuple(told)[:MOST]
