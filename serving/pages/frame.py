"""What every page shares: language, elder mode, the day, and the links that change them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from urllib.parse import urlencode

from serving.pages.session_frame import SessionFrame
from serving.wording import HTML_LANG, Language, Mode, Words


@dataclass(frozen=True, slots=True)
class Switch:
    """A link to the same page in the other language or mode."""

    url: str
    text: str
    lang: str


@dataclass(frozen=True, slots=True)
class Frame:
    """The part of a page's context that its layout needs."""

    title: str
    mode: Mode
    on: str | None
    """The business date in words; None before the server is open."""
    language_switch: Switch
    mode_switch: Switch
    catalogue_version: str | None
    synthetic: bool
    """True when the subjects shown were made by the city simulation."""
    session: SessionFrame | None = None
    """As whom the page is read; None where nobody is signed in."""
    sign_in_url: str | None = None
    account_url: str | None = None
    """Where the reader sees as whom they can act, on a page that says nothing of them itself."""
    development: bool = True
    """True where anybody may sign in as anybody."""
    privacy_url: str | None = None
    """Where the subject of the page decides on their data; None on pages of nobody."""
    inbox_url: str | None = None
    """Where what the subject of the page was told is; None on pages of nobody."""
    features_on: str | None = None
    """Up to when the register data go, in words; None where it was not noted."""
    stands_in: bool = False
    """Whether the page stands in for a homepage that cannot be made."""
    degraded: tuple[str, ...] = ()
    """What is amiss with the server right now: codes of `degraded.*` in the strings."""


def frame(
    words: Words,
    mode: Mode,
    title: str,
    on: dt.date | None,
    path: str,
    query: dict[str, str],
    *,
    catalogue_version: str | None,
    synthetic: bool,
) -> Frame:
    """The frame of one page at `path` with `query`."""
    other_language: Language = "en" if words.language == "zh" else "zh"
    other_mode: Mode = "standard" if mode == "elder" else "elder"
    return Frame(
        title=title,
        mode=mode,
        on=None if on is None else words.day(on),
        language_switch=Switch(
            _with(path, query, lang=other_language),
            words("layout.switch_language"),
            HTML_LANG[other_language],
        ),
        mode_switch=Switch(
            _with(path, query, mode=other_mode),
            words("layout.elder_off" if mode == "elder" else "layout.elder_on"),
            words.html_lang,
        ),
        catalogue_version=catalogue_version,
        synthetic=synthetic,
    )


def _with(path: str, query: dict[str, str], **changed: str) -> str:
    return f"{path}?{urlencode({**query, **changed})}"
