"""What one cell holds, by the kind of its column."""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import Final

from catalog.faults import WordingError
from catalog.importers.spreadsheet_layout import YES_NO, Column, Layout

Value = str | float | int | bool | list[str] | dict[str, str | bool]
_BETWEEN: Final = re.compile(r"[\s;；,，、]+")
_SLUG: Final = re.compile(r"[a-z0-9][a-z0-9-]*")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_WHOLE: Final = re.compile(r"[+-]?\d{1,15}")
_FLAGS: Final = {"是": True, "否": False, "true": True, "false": False}


def value_of(text: str, column: Column, layout: Layout) -> Value:  # noqa: PLR0911 - one return a kind
    """What a cell's text says in its column. Raises WordingError with what is wrong and the remedy."""
    match column.kind:
        case "number":
            return _number(text)
        case "whole":
            if not _WHOLE.fullmatch(text):
                raise WordingError(f"`{text}` is no whole number", "write digits only, such as 30")
            return int(text)
        case "flag":
            return _flag(text)
        case "day":
            return _day(text)
        case "ids":
            return [part for part in _BETWEEN.split(text) if part]
        case "pairs":
            return _pairs(text)
        case "slug":
            return _matched(text, _SLUG, "small letters, digits and hyphens, as in senior-card")
        case "name":
            return _matched(text, _NAME, "small letters, digits and underscores, as in birth_date")
    return _choice(text, layout.choices[column.kind]) if column.kind in layout.choices else text


def text_of(value: object, column: Column, layout: Layout) -> str:
    """The cell that says a value: `value_of` reads it back."""
    if isinstance(value, bool):
        return YES_NO[0] if value else YES_NO[1]
    if isinstance(value, list):
        return "\n".join(str(each) for each in value)
    if isinstance(value, dict):
        said = {True: YES_NO[0], False: YES_NO[1]}
        return "\n".join(
            f"{key}={said[each] if isinstance(each, bool) else each}" for key, each in value.items()
        )
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return layout.choices.get(column.kind, {}).get(str(value), str(value))


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError as error:
        raise WordingError(
            f"`{text}` is no number", "write digits only, without unit or separator"
        ) from error
    if not math.isfinite(number):
        raise WordingError(f"`{text}` is no number one can count with", "write the figure the text states")
    return number


def _flag(text: str) -> bool:
    if text.lower() not in _FLAGS:
        raise WordingError(f"`{text}` is neither yes nor no", "write 是 (TRUE) or 否 (FALSE)")
    return _FLAGS[text.lower()]


def _day(text: str) -> str:
    try:
        return dt.date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise WordingError(f"`{text}` is no day", "write an existing day as 2026-01-31") from error


def _pairs(text: str) -> dict[str, str | bool]:
    """Words to words, or to yes and no."""
    said = {YES_NO[0]: True, YES_NO[1]: False}
    pairs: dict[str, str | bool] = {}
    for line in text.splitlines():
        key, sign, value = (part.strip() for part in line.partition("="))
        if not sign or not key or not value:
            raise WordingError(f"`{line}` is not a pair", "write one a=b a line")
        if key in pairs:
            raise WordingError(f"`{key}` is given twice", "keep one of the two")
        pairs[key] = said.get(value, value)
    return pairs


def _matched(text: str, pattern: re.Pattern[str], wanted: str) -> str:
    if not pattern.fullmatch(text):
        raise WordingError(f"`{text}` is not written as an id", f"use {wanted}")
    return text


def _choice(text: str, words: dict[str, str]) -> str:
    if text in words:
        return text
    meant = [word for word, zh in words.items() if zh == text]
    if not meant:
        offered = ", ".join(f"{zh} ({word})" for word, zh in words.items())
        raise WordingError(f"`{text}` is not offered here", f"use one of {offered}")
    return meant[0]
