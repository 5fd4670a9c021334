"""What would be different, in the reader's words: one answer tried, or another day looked at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from catalog.catalogue import Catalogue
from serving.api.homepage_schemas import EntrySchema
from serving.api.schema import NamesSchema
from serving.api.what_if_schemas import EntryChangeSchema, WhatIfSchema
from serving.pages.cards import Reader
from serving.pages.frame import Frame
from serving.pages.offices import item_url
from serving.wording import Words


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One item that would appear, go, or stand otherwise, and from when."""

    title: str
    url: str
    whose: str | None
    before: str | None
    after: str | None
    due: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class WhatIfContext:
    """What supposed.html is rendered from."""

    t: Words
    frame: Frame
    home_url: str
    questions_url: str
    heading: str
    appears: tuple[ChangeLine, ...]
    altered: tuple[ChangeLine, ...]
    disappears: tuple[ChangeLine, ...]
    events: tuple[str, ...]
    package: tuple[str, ...]
    contradictions: tuple[str, ...]


def what_if_context(
    answer: WhatIfSchema, supposed: str, catalogue: Catalogue, reader: Reader, page_frame: Frame
) -> WhatIfContext:
    """The answer to a what-if question; `supposed` is what was supposed, in words."""
    words, package = reader.words, answer.policy_package
    return WhatIfContext(
        t=words,
        frame=page_frame,
        home_url=reader.home_url,
        questions_url=f"{reader.home_url}/questions",
        heading=words("suppose.heading", supposed=supposed),
        appears=_lines(answer.appears, catalogue, reader),
        altered=_lines(answer.changes, catalogue, reader),
        disappears=_lines(answer.disappears, catalogue, reader),
        events=tuple(
            _name(change.after.names, words) for change in answer.events if change.after and not change.before
        ),
        package=tuple(
            words(key, name=_name(one.names, words))
            for key, ones in (
                ("suppose.enters", package.enters if package else []),
                ("suppose.leaves", package.leaves if package else []),
            )
            for one in ones
        ),
        contradictions=tuple(_name(names, words) for names in answer.contradictions),
    )


def _name(names: NamesSchema, words: Words) -> str:
    return names.zh if words.language == "zh" else names.en


def _lines(
    changes: Iterable[EntryChangeSchema], catalogue: Catalogue, reader: Reader
) -> tuple[ChangeLine, ...]:
    return tuple(_line(change, catalogue, reader) for change in changes)


def _line(change: EntryChangeSchema, catalogue: Catalogue, reader: Reader) -> ChangeLine:
    entry = change.after or change.before
    if entry is None:
        raise ValueError("a change has a before or an after")
    words = reader.words
    said: list[NamesSchema] = [r.text for r in (change.after.reasons if change.after else change.reasons)]
    return ChangeLine(
        title=_name(entry.names, words),
        url=item_url(catalogue.items[entry.item], reader.ref, entry.scope_item),
        whose=entry.label,
        before=None if change.before is None else _standing(change.before, words),
        after=None if change.after is None else _standing(change.after, words),
        due=_dates(change.after, reader),
        reason=_name(said[0], words) if said else None,
    )


def _standing(entry: EntrySchema, words: Words) -> str:
    if entry.urgency is not None:
        return words(f"chip.{entry.urgency.value}")
    return words("chip.ready" if entry.ready else f"chip.{entry.standing.value}")


def _dates(entry: EntrySchema | None, reader: Reader) -> str | None:
    if entry is None or entry.due_on is None:
        return None
    return reader.words("card.due_right", date=reader.words.day(entry.due_on, reader.on))
