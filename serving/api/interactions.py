"""What subjects did on a page or channel, sent one by one or many at once."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import AwareDatetime, BeforeValidator, Discriminator, Field, Tag

from features.schema import Interaction, InteractionKind
from records.database import writing
from records.interactions import append_interactions
from records.subjects import kind_of
from serving.access import OpenParts
from serving.api.problems import problems
from serving.api.schema import AnswerSchema, RequestSchema
from serving.errors import Fault, InvalidRequest
from serving.identity.access import HANDING_IN, reached_all
from serving.parts import Parts

router = APIRouter(prefix="/v1", tags=["interactions"])

LARGEST_BATCH = 500
CLOCK_TOLERANCE = dt.timedelta(minutes=5)
"""How far ahead a sender's clock may be."""
Text = Annotated[str, Field(min_length=1, max_length=200)]


def _iso(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("write the time as ISO 8601 with its zone, as in 2026-11-21T09:30:00+08:00")
    return value


Moment = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_iso)]


class InteractionSchema(RequestSchema):
    """One interaction. `client_id` is chosen by the sender; sending it again changes nothing."""

    client_id: Text
    subject: Text
    kind: InteractionKind
    at: Moment
    item: Text | None = None
    scope_item: Text | None = None
    channel: Text | None = None
    query: Text | None = None
    slate: Text | None = None
    position: Annotated[int, Field(ge=0)] | None = None
    propensity: Annotated[float, Field(gt=0, le=1, strict=False)] | None = None

    def interaction(self) -> Interaction:
        """What is kept, its time in UTC."""
        kept = self.model_dump(exclude={"subject", "at"})
        return Interaction(**kept, at=self.at.astimezone(dt.UTC))


class InteractionBatchSchema(RequestSchema):
    """Many interactions; all of them are kept, or none."""

    interactions: Annotated[list[InteractionSchema], Field(min_length=1, max_length=LARGEST_BATCH)]


class RecordedSchema(AnswerSchema):
    """How many interactions came in, and how many of them were new."""

    received: int
    recorded: int
    repeated: int


def _form(body: object) -> str:
    many = isinstance(body, InteractionBatchSchema) or (isinstance(body, dict) and "interactions" in body)
    return "batch" if many else "single"


AGAIN: dict[int | str, dict[str, Any]] = {
    200: {"model": RecordedSchema, "description": "All of it had been sent before"}
}
Sent = Annotated[
    Annotated[InteractionSchema, Tag("single")] | Annotated[InteractionBatchSchema, Tag("batch")],
    Discriminator(_form),
]


@router.post(
    "/interactions",
    response_model=RecordedSchema,
    status_code=201,
    responses=problems(400, 404, 409, 413) | AGAIN,
    dependencies=[HANDING_IN.needed],
)
def record_interactions(body: Sent, request: Request, parts: OpenParts, response: Response) -> RecordedSchema:
    """Keep what subjects did. 201 when something was new, 200 when all had been sent before."""
    sent = body.interactions if isinstance(body, InteractionBatchSchema) else [body]
    _check(sent, parts)
    reached_all(request, parts, {one.subject for one in sent})
    recorded = _append(sent, parts)
    if not recorded:
        response.status_code = 200
    return RecordedSchema(received=len(sent), recorded=recorded, repeated=len(sent) - recorded)


def _append(sent: list[InteractionSchema], parts: Parts) -> int:
    by_subject: dict[str, list[Interaction]] = {}
    for one in sent:
        by_subject.setdefault(one.subject, []).append(one.interaction())
    with writing(parts.engine) as connection:
        for subject in by_subject:
            kind_of(connection, subject)
        return sum(append_interactions(connection, subject, done) for subject, done in by_subject.items())


def _check(sent: list[InteractionSchema], parts: Parts) -> None:
    """Refuse what cannot have happened; every fault is told at once."""
    latest = parts.desk.clock.at() + CLOCK_TOLERANCE
    faults = []
    for place, one in enumerate(sent):
        pointer = f"/body/interactions/{place}" if len(sent) > 1 else "/body"
        if one.item is not None and one.item not in parts.catalogue.items:
            faults.append(Fault(f"{pointer}/item", "the catalogue has no such item"))
        if one.kind == "search" and one.query is None:
            faults.append(Fault(f"{pointer}/query", "a search says what was searched for"))
        if one.at > latest:
            faults.append(Fault(f"{pointer}/at", "lies in the future"))
    if faults:
        raise InvalidRequest(*faults)
