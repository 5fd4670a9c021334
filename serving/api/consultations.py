"""What was asked of hotlines and counters, handed in when it ended, one by one or many at once."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Discriminator, Field, Tag
from sqlalchemy import Connection

from records.arrivals import Came
from records.consultations import ConsultationRecord, append_consultations
from serving.access import OpenParts
from serving.api.handing_in import (
    LARGEST_BATCH,
    ClientId,
    HandedIn,
    Moment,
    RecordedSchema,
    Text,
    Word,
    came,
    form_of,
    handing_in,
    recorded,
)
from serving.api.schema import RequestSchema
from serving.intake import keep

router = APIRouter(prefix="/v1", tags=["consultations"])


class ConsultationSchema(RequestSchema):
    """One consultation that has ended, in words of lists; never what was said.

    `id` is chosen by the sender; sending it again changes nothing.
    """

    id: ClientId
    subject: Text | None = None
    """Who asked; null where that is not known, which only a channel may say."""
    topic: Word
    """An item or a theme of the catalogue, or another word of the channel's list."""
    channel: Word
    place: Word | None = None
    outcome: Word | None = None
    at: Moment

    def consultation(self) -> ConsultationRecord:
        """What is kept, its time in UTC."""
        kept = self.model_dump(exclude={"at"})
        return ConsultationRecord(**kept, at=self.at.astimezone(dt.UTC))


class ConsultationBatchSchema(RequestSchema):
    """Many consultations; all of them are kept, or none."""

    consultations: Annotated[list[ConsultationSchema], Field(min_length=1, max_length=LARGEST_BATCH)]


Sent = Annotated[
    Annotated[ConsultationSchema, Tag("single")] | Annotated[ConsultationBatchSchema, Tag("batch")],
    Discriminator(form_of("consultations")),
]


@handing_in(router, "/consultations")
def record_consultations(
    body: Sent, request: Request, parts: OpenParts, response: Response
) -> RecordedSchema:
    """Keep what was asked. 201 when something was new, 200 when all had been sent before."""
    sent = (
        HandedIn(body.consultations, "consultations")
        if isinstance(body, ConsultationBatchSchema)
        else HandedIn([body])
    )
    sent.check(parts.desk.clock.at())
    told = [one.consultation() for one in sent.each]

    def write(connection: Connection) -> tuple[int, list[Came]]:
        new = append_consultations(connection, told)
        fresh = ((one.subject, one.id, None) for one in told if one.id in new)
        return len(new), came("consultation", fresh, of_any_item=True)

    known = {one.subject for one in sent.each if one.subject is not None}
    new = keep(request, parts, known, write, anonymous=any(one.subject is None for one in sent.each))
    return recorded(len(told), new, response)
