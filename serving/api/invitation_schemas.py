"""Invitations, as programs read and answer them."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from catalog.catalogue import Catalogue
from models.invitation.answering import (
    Accept,
    Answer,
    Decline,
    Postpone,
    SaysDone,
    Status,
)
from models.invitation.planning import reason
from records.invitation_answers import Invitation
from serving.api.homepage_schemas import EntrySchema, ReasonSchema
from serving.api.schema import AnswerSchema, AsOfSchema, NamesSchema, RequestSchema
from serving.errors import Fault, InvalidRequest

Choice = Literal["accept", "postpone", "decline", "done"]


def _iso_day(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("write the day as in 2026-11-21")
    return value


Day = Annotated[dt.date, Field(strict=False), BeforeValidator(_iso_day)]


class InvitationSchema(AnswerSchema):
    """One invitation: what is proposed for which day, and how it stands."""

    id: int
    item: str
    names: NamesSchema
    scope_item: str
    cycle: str
    status: Status
    reason: ReasonSchema
    suggested_on: dt.date
    agreed_on: dt.date | None
    opens_on: dt.date | None
    due_on: dt.date | None
    valid_to: dt.date | None
    tight: bool
    provisional: bool
    completed_at: dt.datetime | None

    @classmethod
    def of(cls, one: Invitation, catalogue: Catalogue) -> InvitationSchema:
        """The schema of an invitation."""
        matters = one.opens_on if one.reason_code == "opens_soon" else one.due_on
        why = reason(one.reason_code, matters)
        return cls(
            id=one.id,
            item=one.item,
            names=NamesSchema.of(catalogue.items[one.item].names),
            scope_item=one.scope_item,
            cycle=one.cycle,
            status=one.status,
            reason=ReasonSchema(code=why.code, text=NamesSchema.of(why.text)),
            suggested_on=one.suggested_on,
            agreed_on=one.state.agreed_on,
            opens_on=one.opens_on,
            due_on=one.due_on,
            valid_to=one.valid_to,
            tight=one.tight,
            provisional=one.provisional,
            completed_at=one.state.completed_at,
        )


class InvitationsSchema(AsOfSchema):
    """候选清单 (`candidates`) and 拟办清单 (`agreed`, and the duties in window)."""

    subject: str
    candidates: list[InvitationSchema]
    agreed: list[InvitationSchema]
    duties: list[EntrySchema]


class InvitationAnswerSchema(RequestSchema):
    """What the subject answers. `on`: their own day (`accept`), or when to ask again (`postpone`)."""

    answer: Choice
    on: Day | None = None

    def read(self, at: dt.datetime) -> Answer:
        """The answer, given at an instant. Raises InvalidRequest where a day is missing or too many."""
        if (self.on is None) == (self.answer in ("accept", "postpone")):
            told = "name the day" if self.on is None else "this answer takes no day"
            raise InvalidRequest(Fault("/body/on", told))
        match self.answer, self.on:
            case "accept", dt.date() as day:
                return Accept(day)
            case "postpone", dt.date() as day:
                return Postpone(day)
            case "decline", _:
                return Decline()
        return SaysDone(at)


class InvitationReportSchema(AnswerSchema):
    """The latest count of what became of invitations; null where it rests on too few to be told."""

    on: dt.date
    made_at: dt.datetime
    all: dict[str, int | float | None]
    by: dict[str, list[dict[str, int | float | str | None]]]
