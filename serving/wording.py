"""The interface's own words in the citizen's two languages, read once from serving/strings."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args

import yaml

from catalog.vocabulary import Names

Language = Literal["zh", "en"]
Mode = Literal["standard", "elder"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
MODES: tuple[Mode, ...] = get_args(Mode)
HTML_LANG: dict[Language, str] = {"zh": "zh-CN", "en": "en"}

AND_OTHERS = re.compile(r"[/|、;；]")
"""What stands between authorities that answer for an item together."""
STRINGS = Path(__file__).parent / "strings"


@dataclass(frozen=True, slots=True)
class Words:
    """All strings of one language by dotted key; `words("section.count", n=3)` fills one in."""

    language: Language
    strings: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """The string of `key`; with `n`, its singular or plural. Raises KeyError for an unknown key."""
        if key not in self.strings and "n" in values:
            key = f"{key}.{'one' if values['n'] == 1 else 'other'}"
        return self.strings[key].format(**values)

    def has(self, key: str) -> bool:
        """Whether the language has a string (or a plural) of this key."""
        return key in self.strings or f"{key}.other" in self.strings

    @property
    def html_lang(self) -> str:
        """The value of the page's lang attribute."""
        return HTML_LANG[self.language]

    def name(self, names: Names) -> str:
        """A catalogue name in this language."""
        return names.zh if self.language == "zh" else names.en

    def authority(self, authority: str) -> str:
        """An authority, or several joined by a slash, in this language; in Chinese where unnamed."""
        parts = [part.strip() for part in AND_OTHERS.split(authority)]
        return self("list.slash").join(self.strings.get(f"authority.{part}", part) for part in parts)

    def day(self, day: dt.date, on: dt.date | None = None) -> str:
        """A date with its weekday; without its year where that is the year of `on`."""
        near = on is not None and day.year == on.year
        return self(
            "date.near" if near else "date.full",
            year=day.year,
            month=self(f"date.month.{day.month}"),
            day=day.day,
            weekday=self(f"date.weekday.{day.isoweekday()}"),
        )

    def listed(self, parts: tuple[str, ...]) -> str:
        """Several names in one line."""
        return self("list.comma").join(parts)


@cache
def load_words(directory: Path = STRINGS) -> Mapping[Language, Words]:
    """Every language's words: `<language>.yaml` and the names in `authorities.yaml`; read once a process."""
    authorities: dict[str, str] = yaml.safe_load((directory / "authorities.yaml").read_text("utf-8"))
    loaded: dict[Language, Words] = {}
    for language in LANGUAGES:
        tree = yaml.safe_load((directory / f"{language}.yaml").read_text("utf-8"))
        strings = dict(_flattened(tree))
        if language == "en":
            strings |= {f"authority.{zh}": en for zh, en in authorities.items()}
        loaded[language] = Words(language, strings)
    return MappingProxyType(loaded)


def _flattened(tree: Mapping[Any, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flattened(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value)
