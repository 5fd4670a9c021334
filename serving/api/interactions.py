"""What subjects did on a page or channel, sent one by one or many at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Discriminator, Field, Tag
from sqlalchemy import Connection

from features.schema import Interaction, InteractionKind
from records.arrivals import Came
from records.interactions import ScopeItemNotTheirs, append_many
from serving.access import OpenParts
from serving.api.handing_in import (
    LARGEST_BATCH,
    ClientId,
    HandedIn,
    Moment,
    RecordedSchema,
    Text,
    Wrong,
    came,
    form_of,
    handing_in,
    recorded,
)
from serving.api.schema import RequestSchema
from serving.errors import Fault, InvalidRequest
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


@handing_in(router, "/interactions")
def record_interactions(body: Sent, request: Request, parts: OpenParts, response: Response) -> RecordedSchema:
    """Keep what subjects did. 201 when something was new, 200 when all had been sent before."""
    sent = (
        HandedIn(body.interactions, "interactions")
        if isinstance(body, InteractionBatchSchema)
        else HandedIn([body])
    )
    sent.check(parts.desk.clock.at(), lambda one: _wrong(one, parts))
    told = [(one.subject, one.interaction()) for one in sent.each]

    def write(connection: Connection) -> tuple[int, list[Came]]:
        new = append_many(connection, told)
        fresh = ((subject, one.client_id, one.item) for subject, one in told if one.client_id in new)
        return len(new), came("interaction", fresh)

    try:
        new = keep(request, parts, {one.subject for one in sent.each}, write)
    except ScopeItemNotTheirs as error:
        raise InvalidRequest(*_foreign(sent, error)) from error
    return recorded(len(told), new, response)


def _wrong(one: InteractionSchema, parts: Parts) -> Iterator[Wrong]:
    """What cannot have happened."""
    if one.item is not None and one.item not in parts.catalogue.items:
        yield "item", "the catalogue has no such item"
    if one.kind == "search" and one.query is None:
        yield "query", "a search says what was searched for"


def _foreign(sent: HandedIn[InteractionSchema], error: ScopeItemNotTheirs) -> Iterator[Fault]:
    for pointer, one in sent.placed():
        if one.scope_item in error.scope_items:
            yield Fault(f"{pointer}/scope_item", "not one of the subject's")
