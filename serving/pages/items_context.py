"""The context of a whole list: every entry of a homepage, or those of one standing or theme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from catalog.catalogue import Catalogue
from models.homepage import theme_of
from models.recommendation import Entry, Homepage
from serving.pages.cards import Reader
from serving.pages.frame import Frame
from serving.pages.sections import Section, entries_of, section_of
from serving.wording import Words

SectionName = Literal["should_do", "ready", "can_do", "upcoming", "needs_information", "in_progress", "done"]


@dataclass(frozen=True, slots=True)
class ItemsContext:
    """What items.html is rendered from."""

    t: Words
    frame: Frame
    home_url: str
    heading: str
    count: str
    lead: str | None
    groups: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Which part of the list was asked for; None is no narrowing."""

    standing: SectionName | None
    theme: str | None


def items_heading(page: Homepage, narrowing: Narrowing, catalogue: Catalogue, words: Words) -> str:
    """What the list is called."""
    if narrowing.theme is not None:
        return words.name(catalogue.themes[narrowing.theme].names)
    if narrowing.standing is not None:
        return words(f"section.{narrowing.standing}.title")
    return words("items.title", kind=words(f"subject.{page.kind.value}"))


def items_context(
    page: Homepage, narrowing: Narrowing, catalogue: Catalogue, reader: Reader, page_frame: Frame
) -> ItemsContext:
    """The list in the reader's words, a group a standing, none of them empty and none cut short."""
    by_section = entries_of(page)
    chosen: dict[str, tuple[Entry, ...]] = {
        name: tuple(e for e in by_section[name] if _in_theme(e, narrowing.theme, catalogue))
        for name in by_section
        if narrowing.standing in (None, name)
    }
    groups = tuple(
        section_of(name, entries, catalogue, reader) for name, entries in chosen.items() if entries
    )
    return ItemsContext(
        t=reader.words,
        frame=page_frame,
        home_url=reader.home_url,
        heading=items_heading(page, narrowing, catalogue, reader.words),
        count=reader.words("section.count", n=sum(group.total for group in groups)),
        lead=None,
        groups=groups,
    )


def _in_theme(entry: Entry, theme: str | None, catalogue: Catalogue) -> bool:
    return theme is None or theme_of(entry, catalogue) == theme
