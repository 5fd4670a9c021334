"""Every item there is for such subjects, by theme: from here `why` and `why not` are asked of any of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from catalog.catalogue import Catalogue
from catalog.vocabulary import Status
from models.homepage.learned import theme_of_item
from models.recommendation import Entry
from serving.pages.cards import Reader, chip_of
from serving.pages.frame import Frame
from serving.pages.offices import item_url
from serving.wording import Words


@dataclass(frozen=True, slots=True)
class EveryItemLine:
    """One item, and where the subject stands with it where that may be said unasked."""

    title: str
    url: str
    standing: str | None


@dataclass(frozen=True, slots=True)
class EveryItemTheme:
    """The items of one theme."""

    id: str
    title: str
    count: str
    lines: tuple[EveryItemLine, ...]


@dataclass(frozen=True, slots=True)
class EveryItemContext:
    """What every_item.html is rendered from."""

    t: Words
    frame: Frame
    home_url: str
    themes: tuple[EveryItemTheme, ...]


def every_item_context(
    entries: Iterable[Entry], catalogue: Catalogue, reader: Reader, page_frame: Frame
) -> EveryItemContext:
    """Every confirmed item for the subject's kind, in the catalogue's order of themes."""
    kind, stands = reader.ref.partition(":")[0], _stands(entries, reader.words)
    by_theme: dict[str, list[EveryItemLine]] = {}
    for item in catalogue.items.values():
        if item.subject == kind and item.status is Status.CONFIRMED:
            line = EveryItemLine(
                reader.words.name(item.names), item_url(item, reader.ref), stands.get(item.id)
            )
            by_theme.setdefault(theme_of_item(item.id, catalogue), []).append(line)
    themes = tuple(
        EveryItemTheme(
            id=f"theme-{theme.id}",
            title=reader.words.name(theme.names),
            count=reader.words("section.count", n=len(by_theme[theme.id])),
            lines=tuple(by_theme[theme.id]),
        )
        for theme in catalogue.themes.values()
        if theme.id in by_theme
    )
    return EveryItemContext(reader.words, page_frame, reader.home_url, themes)


def _stands(entries: Iterable[Entry], words: Words) -> Mapping[str, str]:
    """The first standing of each item, in words."""
    found: dict[str, str] = {}
    for entry in entries:
        found.setdefault(entry.item, chip_of(entry, words)[0])
    return found
