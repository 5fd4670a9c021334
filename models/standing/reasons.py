"""Reasons in the reader's words; the words themselves are data beside this module."""

from __future__ import annotations

import datetime as dt
from functools import cache, lru_cache
from importlib import resources

import yaml

from catalog.vocabulary import Names
from models.recommendation import Reason

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@cache
def texts() -> dict[str, Names]:
    """Every reason's text by its code."""
    words = resources.files("models.standing").joinpath("reasons.yaml").read_text(encoding="utf8")
    return {code: Names(**languages) for code, languages in yaml.safe_load(words).items()}


@lru_cache(maxsize=8192)
def reason(code: str, date: dt.date | None = None) -> Reason:
    """A reason, with the date it speaks of. Raises KeyError for an unknown code."""
    text = texts()[code]
    if date is None:
        return Reason(code, text)
    english = f"{date.day} {MONTHS[date.month - 1]} {date.year}"
    chinese = f"{date.year}年{date.month}月{date.day}日"
    return Reason(code, Names(text.zh.replace("{date}", chinese), text.en.replace("{date}", english)))
