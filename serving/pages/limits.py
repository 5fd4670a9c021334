"""How long an authority plans to take, in words; a planning figure, never a promise."""

from __future__ import annotations

import re

from serving.wording import Words

MEASURE = re.compile(r"(\d+)(H|D|WD|M|Y)")


def limit_text(limit: str, words: Words) -> str:
    """A processing limit (`20WD`, `即时/30WD`) in words; in the source's own where we have no other."""
    return words("list.slash").join(_part(part.strip(), words) for part in limit.split("/"))


def _part(part: str, words: Words) -> str:
    measured = MEASURE.fullmatch(part)
    if measured:
        return words(f"limit.unit.{measured[2]}", n=measured[1])
    return words(f"limit.word.{part}") if words.has(f"limit.word.{part}") else part
