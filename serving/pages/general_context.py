"""The context of the page that is the same for all. No address on it names a subject."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, get_args

from catalog.catalogue import Catalogue, Item
from catalog.vocabulary import Level, SubjectKind
from models.homepage import GeneralPage
from models.homepage.general import Channel
from serving.pages.frame import Frame
from serving.pages.offices import authority_of, item_url
from serving.wording import Words

CHANNELS: Final[tuple[Channel, ...]] = get_args(Channel)
DISTRICT_ATTRIBUTE: Final = "residence_district"
"""Whose allowed values are the districts of the city."""


@dataclass(frozen=True, slots=True)
class GeneralLine:
    """One item, for whoever reads."""

    title: str
    url: str
    office: str
    when: str | None


@dataclass(frozen=True, slots=True)
class GeneralTheme:
    """All items of one theme."""

    id: str
    title: str
    count: str
    lines: tuple[GeneralLine, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a list to pick from."""

    value: str
    text: str
    picked: bool


@dataclass(frozen=True, slots=True)
class GeneralContext:
    """What general.html is rendered from."""

    t: Words
    frame: Frame
    heading: str
    channels: tuple[Option, ...]
    districts: tuple[Option, ...]
    in_season: tuple[GeneralLine, ...]
    much_used: tuple[GeneralLine, ...]
    much_used_note: str
    themes: tuple[GeneralTheme, ...]


def districts_of(catalogue: Catalogue) -> tuple[str, ...]:
    """The districts that can be picked by hand."""
    attribute = catalogue.attributes.get(DISTRICT_ATTRIBUTE)
    return () if attribute is None else tuple(v for v in attribute.allowed if v in attribute.value_names)


def general_context(
    page: GeneralPage, catalogue: Catalogue, words: Words, page_frame: Frame, district: str | None
) -> GeneralContext:
    """The page in the reader's words; `district` is the one picked by hand."""
    writer = _Writer(catalogue, words, page, district)
    return GeneralContext(
        t=words,
        frame=page_frame,
        heading=words(f"general.title_{page.kind.value}"),
        channels=_channels(page.channel, words),
        districts=_districts(catalogue, district, words) if page.kind is SubjectKind.CITIZEN else (),
        in_season=tuple(
            writer.line(one.item, words("general.until", date=words.day(one.window.due_on, page.on)))
            for one in page.in_season
        ),
        much_used=writer.lines(page.much_used),
        much_used_note=words("general.counted" if page.counted else "general.uncounted"),
        themes=tuple(
            GeneralTheme(
                theme.id, words.name(theme.names), words("section.count", n=len(items)), writer.lines(items)
            )
            for theme, items in page.themes
        ),
    )


@dataclass(frozen=True, slots=True)
class _Writer:
    catalogue: Catalogue
    words: Words
    page: GeneralPage
    district: str | None

    def lines(self, items: Iterable[str]) -> tuple[GeneralLine, ...]:
        return tuple(self.line(item) for item in items)

    def line(self, id_: str, when: str | None = None) -> GeneralLine:
        item = self.catalogue.items[id_]
        return GeneralLine(self.words.name(item.names), item_url(item), self._office(item), when)

    def _office(self, item: Item) -> str:
        office = self.words.authority(authority_of(item))
        if self.district is None or item.level is not Level.DISTRICT:
            return office
        names = self.catalogue.attributes[DISTRICT_ATTRIBUTE].value_names[self.district]
        return self.words("general.office_in", district=self.words.name(names), office=office)


def _channels(picked: Channel | None, words: Words) -> tuple[Option, ...]:
    every = Option("", words("general.any_channel"), picked is None)
    return (every, *(Option(one, words(f"channel.{one}"), one == picked) for one in CHANNELS))


def _districts(catalogue: Catalogue, picked: str | None, words: Words) -> tuple[Option, ...]:
    names = catalogue.attributes[DISTRICT_ATTRIBUTE].value_names if districts_of(catalogue) else {}
    every = Option("", words("general.any_district"), picked is None)
    found = (Option(one, words.name(names[one]), one == picked) for one in districts_of(catalogue))
    return (every, *found)
