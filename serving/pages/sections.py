"""The sections of a homepage: which cards under which heading, and how many before `see all`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from catalog.catalogue import Catalogue
from models.recommendation import Entry, Homepage
from serving.pages.cards import Card, Reader, card
from serving.wording import Mode

ROOM: Mapping[Mode, Mapping[str, int]] = {
    "standard": {"ready": 6, "can_do": 6, "side": 4, "theme": 5},
    "elder": {"ready": 3, "can_do": 3, "side": 2, "theme": 3},
}
"""How many entries a section shows before its `see all` link. Duties have no limit."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, what it means, and its cards; `total` counts those behind `all_url` too."""

    id: str
    title: str
    lead: str
    empty: str
    cards: tuple[Card, ...]
    total: int
    all_url: str | None
    all_text: str
    spared: str | None = None
    """What the subject asked to be spared and is therefore not among the cards."""


@dataclass(frozen=True, slots=True)
class ThemePanel:
    """One theme and the first of its entries."""

    id: str
    title: str
    glyph: str
    """The first character of the theme's Chinese name, for ornament."""
    cards: tuple[Card, ...]
    total: int
    all_url: str
    all_text: str
    count: str


def entries_of(page: Homepage) -> dict[str, tuple[Entry, ...]]:
    """A homepage's entries by section; what is ready now stands apart from the rest that can be done."""
    return {
        "should_do": page.should_do,
        "ready": tuple(e for e in page.can_do if e.ready),
        "can_do": tuple(e for e in page.can_do if not e.ready),
        "upcoming": page.upcoming,
        "needs_information": page.needs_information,
        "in_progress": page.in_progress,
        "done": page.done,
    }


def sections(page: Homepage, catalogue: Catalogue, reader: Reader) -> dict[str, Section]:
    """Every standing's section, the empty ones too: an empty one says what that means."""
    return {name: _section(name, entries, catalogue, reader) for name, entries in entries_of(page).items()}


def _section(name: str, entries: tuple[Entry, ...], catalogue: Catalogue, reader: Reader) -> Section:
    """As the homepage has it: without what the subject asked to be spared, but for a word on it."""
    room = ROOM[reader.mode].get(name, ROOM[reader.mode]["side"])
    shown = tuple(entry for entry in entries if entry.set_aside is None)
    section = section_of(name, shown, catalogue, reader, None if name == "should_do" else room)
    if len(shown) == len(entries):
        return section
    whole = reader.words("section.all_in", n=len(entries), title=section.title)
    spared = reader.words("feedback.spared", n=len(entries) - len(shown))
    return replace(section, all_url=all_url(reader, standing=name), all_text=whole, spared=spared)


def section_of(
    name: str, entries: tuple[Entry, ...], catalogue: Catalogue, reader: Reader, room: int | None = None
) -> Section:
    """A section with its first `room` entries and a link to the rest, or with all of them."""
    words, title = reader.words, reader.words(f"section.{name}.title")
    return Section(
        id=name.replace("_", "-"),
        title=title,
        lead=words(f"section.{name}.lead"),
        empty=words(f"section.{name}.empty"),
        cards=_cards(entries[:room], catalogue, reader),
        total=len(entries),
        all_url=all_url(reader, standing=name) if room is not None and len(entries) > room else None,
        all_text=words("section.all_in", n=len(entries), title=title),
    )


def theme_panels(page: Homepage, catalogue: Catalogue, reader: Reader) -> tuple[ThemePanel, ...]:
    """A panel a theme, in the homepage's order."""
    room, words = ROOM[reader.mode]["theme"], reader.words
    kept = {theme.theme: [e for e in theme.entries if e.set_aside is None] for theme in page.themes}
    return tuple(
        ThemePanel(
            id=theme.theme,
            title=words.name(theme.names),
            glyph=theme.names.zh[0],
            cards=_cards(kept[theme.theme][:room], catalogue, reader),
            total=len(theme.entries),
            all_url=all_url(reader, theme=theme.theme),
            all_text=words("section.all_in", n=len(theme.entries), title=words.name(theme.names)),
            count=words("section.count", n=len(theme.entries)),
        )
        for theme in page.themes
    )


def _cards(entries: Iterable[Entry], catalogue: Catalogue, reader: Reader) -> tuple[Card, ...]:
    return tuple(card(entry, catalogue, reader) for entry in entries)


def all_url(reader: Reader, **chosen: str) -> str:
    """The address of the whole list, narrowed to one standing or theme."""
    return f"{reader.home_url}/items?{urlencode(chosen, quote_via=quote)}"
