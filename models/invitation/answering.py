"""What can be said of an invitation, and what becomes of it: every transition there is.

A successful case is a fact and settles an invitation whatever was answered before, so that it makes no
difference in which order answers, the end of the term and the case are learned of. Answers are the subject's:
they are taken while the invitation is open, and the same answer twice is one.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Final, Literal

Status = Literal["proposed", "accepted", "postponed", "declined", "completed", "expired"]
OPEN: Final[tuple[Status, ...]] = ("proposed", "accepted", "postponed")
Refusal = Literal["declined", "completed", "expired", "too_early", "too_late"]


@dataclass(frozen=True, slots=True)
class Terms:
    """The days an invitation allows: from the first it can be done until the last it is good for."""

    opens_on: dt.date | None = None
    valid_to: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """How an invitation stands. `agreed_on` is the subject's own date, `shown_on` when it is shown again."""

    status: Status
    agreed_on: dt.date | None = None
    shown_on: dt.date | None = None
    completed_at: dt.datetime | None = None
    completed_by: str | None = None
    """The case; None where the subject said so themselves."""


@dataclass(frozen=True, slots=True)
class Accept:
    """The subject will come on a day of their own."""

    on: dt.date


@dataclass(frozen=True, slots=True)
class Postpone:
    """The subject wants to be asked again, no sooner than a day."""

    until: dt.date


@dataclass(frozen=True, slots=True)
class Decline:
    """The subject does not want it."""


@dataclass(frozen=True, slots=True)
class SaysDone:
    """The subject says that it is done already."""

    at: dt.datetime


Answer = Accept | Postpone | Decline | SaysDone


class AnswerRefused(ValueError):
    """An answer that the invitation does not allow: it has ended, or the day is beyond `day`."""

    def __init__(self, code: Refusal, day: dt.date | None = None) -> None:
        super().__init__(code if day is None else f"{code}: {day}")
        self.code: Refusal = code
        self.day = day


def answered(was: Answered, terms: Terms, answer: Answer, on: dt.date) -> Answered:
    """What an answer given on a day makes of an invitation; the same as before when it says nothing new.

    Raises AnswerRefused for one that has ended, and for a day it does not allow.
    """
    if _repeated(was, answer):
        return was
    match was.status:
        case "declined" | "completed" | "expired":
            raise AnswerRefused(was.status)
    if terms.valid_to is not None and on > terms.valid_to:
        raise AnswerRefused("expired", terms.valid_to)
    match answer:
        case Accept(day):
            _check(day, max(on, terms.opens_on or on), terms.valid_to)
            return Answered("accepted", agreed_on=day)
        case Postpone(day):
            _check(day, on + dt.timedelta(days=1), terms.valid_to)
            return Answered("postponed", shown_on=day)
        case Decline():
            return Answered("declined")
        case SaysDone(at):
            return replace(was, status="completed", shown_on=None, completed_at=at)


def completed(was: Answered, case: str, at: dt.datetime) -> Answered:
    """What a successful case that ended then makes of it; of two cases the earlier one counts."""
    known = was.completed_by is not None and was.completed_at is not None
    if known and (was.completed_at, was.completed_by) <= (at, case):
        return was
    return replace(was, status="completed", shown_on=None, completed_at=at, completed_by=case)


def aged(was: Answered, terms: Terms, on: dt.date) -> Answered:
    """What a day makes of it: it runs out after its last day, and comes back on the day it was put off to."""
    if was.status not in OPEN:
        return was
    if terms.valid_to is not None and on > terms.valid_to:
        return replace(was, status="expired", shown_on=None)
    if was.status == "postponed" and was.shown_on is not None and was.shown_on <= on:
        return Answered("proposed")
    return was


def _repeated(was: Answered, answer: Answer) -> bool:
    match answer:
        case Accept(day):
            return was.status == "accepted" and was.agreed_on == day
        case Postpone(day):
            return was.status == "postponed" and was.shown_on == day
        case Decline():
            return was.status == "declined"
        case SaysDone():
            return was.status == "completed"


def _check(day: dt.date, first: dt.date, last: dt.date | None) -> None:
    """Raise AnswerRefused for a day outside the bounds, with the bound."""
    if day < first:
        raise AnswerRefused("too_early", first)
    if last is not None and day > last:
        raise AnswerRefused("too_late", last)
