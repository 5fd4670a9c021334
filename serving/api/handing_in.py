"""What the endpoints for handing things in share: their words, their limits, and the form of the answer."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Final

from fastapi import Response
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from serving.api.schema import AnswerSchema
from serving.errors import Fault

LARGEST_BATCH: Final = 500
CLOCK_TOLERANCE: Final = dt.timedelta(minutes=5)
"""How far ahead a sender's clock may be."""
EARLIEST: Final = dt.datetime(1900, 1, 1, tzinfo=dt.UTC)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_WORD: Final = re.compile(r"[^\W_][\w.:~/-]{0,63}")
_IDENTIFYING: Final = re.compile(
    r"[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]|1[3-9]\d{9}"
)


def _plain(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("no control characters")
    return text


def _naming_nobody(text: str) -> str:
    if _IDENTIFYING.fullmatch(text):
        raise ValueError("an id must not be anybody's identity or telephone number")
    return text


def _word(text: str) -> str:
    if not _WORD.fullmatch(text):
        raise ValueError("a word of letters, digits and . _ : ~ / - only; never what somebody said")
    return text


def _iso(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("write the time as ISO 8601 with its zone, as in 2026-11-21T09:30:00+08:00")
    return value


Text = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_plain)]
ClientId = Annotated[Text, AfterValidator(_naming_nobody)]
"""Chosen by the sender; tells of nobody."""
Word = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_word)]
"""A word of a list."""
Moment = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_iso)]


class RecordedSchema(AnswerSchema):
    """How many came in, and how many of them were new."""

    received: int
    recorded: int
    repeated: int


AGAIN: Final[dict[int | str, dict[str, Any]]] = {
    200: {"model": RecordedSchema, "description": "All of it had been sent before"}
}


def form_of(batch: str) -> Callable[[object], str]:
    """Tells a batch, by the name of its list, from a single one."""

    def form(body: object) -> str:
        many = hasattr(body, batch) or (isinstance(body, dict) and batch in body)
        return "batch" if many else "single"

    return form


def recorded(received: int, new: int, response: Response) -> RecordedSchema:
    """The answer: 201 when something was new, 200 when all had been sent before."""
    if not new:
        response.status_code = 200
    return RecordedSchema(received=received, recorded=new, repeated=received - new)


def pointer_to(batch: str, place: int, together: int) -> str:
    """Where one of those sent together stands in the body."""
    return f"/body/{batch}/{place}" if together > 1 else "/body"


def time_faults(pointer: str, at: dt.datetime, latest: dt.datetime) -> Iterator[Fault]:
    """What is wrong with the time of something that is to have happened."""
    if at > latest:
        yield Fault(f"{pointer}/at", "lies in the future")
    if at < EARLIEST:
        yield Fault(f"{pointer}/at", "lies before 1900")
