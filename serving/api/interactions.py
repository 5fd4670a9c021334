"""What subjects did on a page or channel, sent one by one or many at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Discriminator, Field, Tag
from sqlalchemy import Connection

from features.schema import Interaction, InteractionKind
from records.arrivals import Came
from records.interactions import ScopeItemNotTheirs, append_many
from serving.access import OpenParts
from serving.api.handing_in import (
    AGAIN,
    CLOCK_TOLERANCE,
    LARGEST_BATCH,
    ClientId,
    Moment,
    RecordedSchema,
    Text,
    form_of,
    pointer_to,
    recorded,
    time_faults,
)
from serving.api.problems import problems
from serving.api.schema import RequestSchema
from serving.errors import Fault, InvalidRequest
from serving.identity.access import HANDING_IN
from serving.intake import keep
from serving.parts import Parts

router = APIRouter(prefix="/v1", tags=["interactions"])

LAST_POSITION = 100_000


class InteractionSchema(RequestSchema):
    """One interaction. `client_id` is chosen by the sender; sending it again changes nothing."""

    client_id: ClientId
    subject: Text
    kind: InteractionKind
    at: Moment
    item: Text | None = None
    scope_item: Text | None = None
    channel: Text | None = None
    query: Text | None = None
    slate: Text | None = None
    position: Annotated[int, Field(ge=0, le=LAST_POSITION)] | None = None
    propensity: Annotated[float, Field(gt=0, le=1, strict=False)] | None = None

    def interaction(self) -> Interaction:
        """What is kept, its time in UTC."""
        return Interaction(
            client_id=self.client_id,
            kind=self.kind,
            at=self.at.astimezone(dt.UTC),
            item=self.item,
            scope_item=self.scope_item,
            channel=self.channel,
            query=self.query,
            slate=self.slate,
            position=self.position,
            propensity=self.propensity,
        )


class InteractionBatchSchema(RequestSchema):
    """Many interactions; all of them are kept, or none."""

    interactions: Annotated[list[InteractionSchema], Field(min_length=1, max_length=LARGEST_BATCH)]


Sent = Annotated[
    Annotated[InteractionSchema, Tag("single")] | Annotated[InteractionBatchSchema, Tag("batch")],
    Discriminator(form_of("interactions")),
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
    if faults := list(_faults(sent, parts)):
        raise InvalidRequest(*faults)
    told = [(one.subject, one.interaction()) for one in sent]

    def write(connection: Connection) -> tuple[int, list[Came]]:
        new = append_many(connection, told)
        return len(new), _came(told, new)

    try:
        new = keep(request, parts, {one.subject for one in sent}, write)
    except ScopeItemNotTheirs as error:
        raise InvalidRequest(*_foreign(sent, error)) from error
    return recorded(len(sent), new, response)


def _came(told: Sequence[tuple[str, Interaction]], new: set[str]) -> list[Came]:
    """One arrival a subject, of what was new."""
    by_subject: dict[str, dict[str, str | None]] = {}
    for subject, one in told:
        if one.client_id in new:
            by_subject.setdefault(subject, {})[one.client_id] = one.item
    return [
        Came(subject, "interaction", tuple(ids), frozenset(filter(None, ids.values())))
        for subject, ids in by_subject.items()
    ]


def _faults(sent: Sequence[InteractionSchema], parts: Parts) -> Iterator[Fault]:
    """What cannot have happened; every fault is told at once."""
    latest = parts.desk.clock.at() + CLOCK_TOLERANCE
    for place, one in enumerate(sent):
        pointer = pointer_to("interactions", place, len(sent))
        if one.item is not None and one.item not in parts.catalogue.items:
            yield Fault(f"{pointer}/item", "the catalogue has no such item")
        if one.kind == "search" and one.query is None:
            yield Fault(f"{pointer}/query", "a search says what was searched for")
        yield from time_faults(pointer, one.at, latest)


def _foreign(sent: Sequence[InteractionSchema], error: ScopeItemNotTheirs) -> Iterator[Fault]:
    for place, one in enumerate(sent):
        if one.scope_item in error.scope_items:
            pointer = pointer_to("interactions", place, len(sent))
            yield Fault(f"{pointer}/scope_item", "not one of the subject's")
