"""The page that is the same for all: what is in season, what is much used, and everything there is.

It knows nobody. What it rests on is the catalogue, the day, statistics of many, and what the reader
picks by hand.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from catalog.catalogue import Catalogue, Item, Theme
from catalog.public_service import PublicService
from catalog.vocabulary import Delicacy, Proactive, Status, SubjectKind
from models.homepage.learned import theme_of_item
from models.recommendation import Window
from models.standing.standing import in_force
from models.standing.turns import Phase, anchor_needed, comes_round, turns_of
from models.standing.working_days import WorkingCalendar

Channel = Literal["online", "terminal", "hall", "hotline"]
MOST: Final = 12
"""How many items in season, and how many much used ones, are shown."""
FEWEST_USERS: Final = 10
"""Of an item used less often nothing is told."""


@dataclass(frozen=True, slots=True)
class InSeason:
    """An item whose window is open for all it applies to."""

    item: str
    window: Window


@dataclass(frozen=True, slots=True)
class GeneralPage:
    """The page of one day for one kind of subject and, where one is picked, one channel."""

    kind: SubjectKind
    on: dt.date
    catalogue_version: str
    channel: Channel | None
    in_season: tuple[InSeason, ...]
    much_used: tuple[str, ...]
    """Items by use, most first; empty without statistics."""
    counted: bool
    """Whether there were statistics to go by."""
    themes: tuple[tuple[Theme, tuple[str, ...]], ...]
    """Everything, theme by theme."""


def general_page(
    catalogue: Catalogue,
    kind: SubjectKind,
    on: dt.date,
    calendar: WorkingCalendar,
    used: Mapping[str, int] | None = None,
    channel: Channel | None = None,
) -> GeneralPage:
    """The page of a day; `used` is how often each item was begun of late, None where nothing was counted."""
    shown = [item for item in _public(catalogue, kind, on) if channel is None or _done_by(item, channel)]
    counts = {item.id: (used or {}).get(item.id, 0) for item in shown}
    much_used = sorted((id_ for id_, n in counts.items() if n >= FEWEST_USERS), key=lambda i: (-counts[i], i))
    return GeneralPage(
        kind=kind,
        on=on,
        catalogue_version=catalogue.version,
        channel=channel,
        in_season=_in_season(shown, on, calendar)[:MOST],
        much_used=tuple(much_used[:MOST]),
        counted=used is not None,
        themes=_by_theme(shown, catalogue, kind),
    )


def _public(catalogue: Catalogue, kind: SubjectKind, on: dt.date) -> list[Item]:
    """What may stand on a page that anybody may look at over anybody's shoulder."""
    return [
        item
        for _, item in sorted(catalogue.items.items())
        if item.subject is kind
        and item.status is Status.CONFIRMED
        and item.proactive is not Proactive.SEARCH_ONLY
        and item.delicacy is Delicacy.NORMAL
        and in_force(item, on)
    ]


def _done_by(item: Item, channel: Channel) -> bool:
    """Whether an item can be done so; where nothing is known of its channels, the hotline answers."""
    channels = item.channels if isinstance(item, PublicService) else None
    if channels is None:
        return channel == "hotline"
    return getattr(channels, channel) is not None


def _in_season(items: Iterable[Item], on: dt.date, calendar: WorkingCalendar) -> tuple[InSeason, ...]:
    """Items whose window comes round by the calendar alone and is open, the first to close first."""
    found = [
        InSeason(item.id, turn.window)
        for item in items
        if item.duty is not None and comes_round(item.duty.rule) and anchor_needed(item.duty) is None
        for turn in turns_of(item, None, on, calendar)
        if turn.phase is Phase.OPEN and turn.window is not None
    ]
    return tuple(sorted(found, key=lambda one: (one.window.due_on, one.item)))


def _by_theme(
    items: Iterable[Item], catalogue: Catalogue, kind: SubjectKind
) -> tuple[tuple[Theme, tuple[str, ...]], ...]:
    grouped: dict[str, list[str]] = {}
    for item in items:
        grouped.setdefault(theme_of_item(item.id, catalogue), []).append(item.id)
    return tuple(
        (theme, tuple(grouped[theme.id]))
        for theme in catalogue.themes.values()
        if theme.subject is kind and theme.id in grouped
    )
