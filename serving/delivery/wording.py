"""What a message says, in both languages: plain words with the reason, the date and why it came."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from records.pushes import NEUTRAL
from serving.delivery.parcel import Parcel, Piece
from serving.wording import LANGUAGES, Language, Words, load_words

WORDS: Final = Path(__file__).parent / "words"
HOME: Final = "/inbox"
"""Where a message that tells of several leads to."""


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing told, in one language. Of what is delicate nothing is there."""

    name: str
    reason: str
    due: str | None
    link: str


@dataclass(frozen=True, slots=True)
class Telling:
    """A message in one language."""

    language: Language
    html_lang: str
    title: str
    intro: str
    matters: tuple[Matter, ...]
    code: str | None
    link: str
    open: str
    why: str


@dataclass(frozen=True, slots=True)
class Worded:
    """A message in both languages, and where it leads to."""

    template: str
    tellings: tuple[Telling, ...]
    unsubscribe: str | None

    def __getitem__(self, language: Language) -> Telling:
        return self.tellings[LANGUAGES.index(language)]


class Unsayable(ValueError):
    """A row whose payload is not as it was agreed; names the field, never its value."""


@cache
def words() -> Mapping[Language, Words]:
    """The words of what is pushed."""
    found: dict[Language, Words] = {}
    for language in LANGUAGES:
        tree = yaml.safe_load((WORDS / f"{language}.yaml").read_text("utf-8"))
        found[language] = Words(language, dict(_flattened(tree)))
    return found


def word(parcel: Parcel, address: str, unsubscribe: str | None) -> Worded:
    """What the parcel says; `address` is where people reach the server. Raises Unsayable."""
    try:
        template = template_of(parcel)
        tellings = tuple(_telling(parcel, template, address, language) for language in LANGUAGES)
    except (KeyError, TypeError, ValueError) as error:
        raise Unsayable(f"{type(error).__name__} in a payload") from error
    return Worded(template, tellings, unsubscribe if template != "code" else None)


def template_of(parcel: Parcel) -> str:
    """How a parcel is worded: as its one piece is, neutrally, or as a digest."""
    if len(parcel.pieces) > 1:
        return "digest"
    payload = parcel.pieces[0].payload
    return "delicate" if payload["delicate"] else str(payload["template"])


def one_line(text: str) -> str:
    """The text without anything that could end a line or hide what stands in it."""
    if text.isprintable():
        return " ".join(text.split())
    kept = (" " if char in "\r\n\t\v\f\x85\u2028\u2029" else char for char in text)
    return " ".join("".join(char for char in kept if char.isprintable()).split())


def _telling(parcel: Parcel, template: str, address: str, language: Language) -> Telling:
    t, first = words()[language], parcel.pieces[0]
    several = template == "digest"
    matters = tuple(_matter(piece, address, language) for piece in parcel.pieces)
    quiet = template in {"delicate", "code"}
    due = f" · {t('due', date=matters[0].due)}" if matters[0].due and not (several or quiet) else ""
    title = t(f"subject.{template}", name=matters[0].name, n=len(parcel.pieces))
    return Telling(
        language=language,
        html_lang=t.html_lang,
        title=one_line(title + due),
        intro=t(f"intro.{template}"),
        matters=() if quiet else matters,
        code=one_line(str(first.payload["detail"]["code"])) if template == "code" else None,
        link=f"{address}{HOME}" if several else matters[0].link,
        open=t("open_delicate" if quiet or several else "open"),
        why=_why(parcel, template, t),
    )


def _matter(piece: Piece, address: str, language: Language) -> Matter:
    said: Mapping[str, Any] = piece.payload
    path = str(said["link"])
    if not path.startswith("/") or path.startswith("//"):
        raise ValueError("link")
    link = one_line(f"{address}{path}").replace(" ", "%20")
    if said["delicate"]:
        # Whatever else the payload holds.
        return Matter(NEUTRAL.zh if language == "zh" else NEUTRAL.en, "", None, link)
    name = one_line(str(said[f"names_{language}"]))
    reason, due = one_line(str(said[f"reason_{language}"])), piece.due_on
    return Matter(name, reason, None if due is None else load_words()[language].day(due), link)


def _why(parcel: Parcel, template: str, t: Words) -> str:
    if template in {"answer", "code"}:
        return t(f"why.{template}")
    # The theme of what is delicate is as telling as its name, and a theme of many is none.
    named = parcel.topic and not parcel.delicate and template != "digest"
    # Themes have Chinese names.
    named = named and (t.language == "zh" or parcel.topic.isascii())
    channel = t(f"channel.{parcel.channel}")
    if named:
        return t("why.chosen", topic=one_line(parcel.topic), channel=channel)
    return t("why.chosen_any", channel=channel)


def _flattened(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flattened(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value)
