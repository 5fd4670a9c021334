"""What the endpoints for handing things in share: their words, limits and declaration, and their answer."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Generic, Protocol, TypeVar

from fastapi import APIRouter, Response
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from records.arrivals import Came
from records.tables.vocabulary import ArrivalKind
from serving.api.problems import problems
from serving.api.schema import AnswerSchema
from serving.errors import Fault, InvalidRequest
from serving.identity.access import HANDING_IN

LARGEST_BATCH: Final = 500
CLOCK_TOLERANCE: Final = dt.timedelta(minutes=5)
"""How far ahead a sender's clock may be."""
EARLIEST: Final = dt.datetime(1900, 1, 1, tzinfo=dt.UTC)
Wrong = tuple[str, str]
"""A field of what was sent, and what is wrong with it."""
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


One = TypeVar("One", bound="Dated")
Route = TypeVar("Route", bound=Callable[..., Any])


class Dated(Protocol):
    """Something that is to have happened."""

    @property
    def at(self) -> dt.datetime:
        """When, with its zone."""
        ...


@dataclass(frozen=True, slots=True)
class HandedIn(Generic[One]):
    """What came in one request: one thing, or all of a batch, whose list has a name."""

    each: Sequence[One]
    batch: str | None = None

    def placed(self) -> Iterator[tuple[str, One]]:
        """Each with the JSON pointer to it."""
        for place, one in enumerate(self.each):
            yield f"/body/{self.batch}/{place}" if self.batch else "/body", one

    def check(self, now: dt.datetime, wrong: Callable[[One], Iterable[Wrong]] = lambda one: ()) -> None:
        """Raise InvalidRequest with every fault at once: of times, and what `wrong` says of each."""
        faults = [
            Fault(f"{pointer}/{field}", why)
            for pointer, one in self.placed()
            for field, why in (*wrong(one), *_time_faults(one.at, now + CLOCK_TOLERANCE))
        ]
        if faults:
            raise InvalidRequest(*faults)


def handing_in(router: APIRouter, path: str) -> Callable[[Route], Route]:
    """Declare an endpoint for handing in: who may, what it answers, what may go wrong."""
    return router.post(
        path,
        response_model=RecordedSchema,
        status_code=201,
        responses=problems(400, 404, 409, 413) | AGAIN,
        dependencies=[HANDING_IN.needed],
    )


def came(
    kind: ArrivalKind, told: Iterable[tuple[str | None, str, str | None]], *, of_any_item: bool = False
) -> list[Came]:
    """One arrival a subject, of (subject, key, item) that are new; none for whom nobody knows.

    `of_any_item` is for what may concern other items than it names.
    """
    by_subject: dict[str, dict[str, str | None]] = {}
    for subject, key, item in told:
        if subject is not None:
            by_subject.setdefault(subject, {})[key] = item
    return [
        Came(subject, kind, tuple(mine), None if of_any_item else frozenset(filter(None, mine.values())))
        for subject, mine in by_subject.items()
    ]


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


def _time_faults(at: dt.datetime, latest: dt.datetime) -> Iterator[Wrong]:
    if at > latest:
        yield "at", "lies in the future"
    if at < EARLIEST:
        yield "at", "lies before 1900"
