"""What was asked of hotlines and counters, handed in when it ended, one by one or many at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Discriminator, Field, Tag
from sqlalchemy import Connection

from records.arrivals import Came
from records.consultations import ConsultationRecord, append_consultations
from serving.access import OpenParts
from serving.api.handing_in import (
    AGAIN,
    CLOCK_TOLERANCE,
    LARGEST_BATCH,
    ClientId,
    Moment,
    RecordedSchema,
    Text,
    Word,
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


@router.post(
    "/consultations",
    response_model=RecordedSchema,
    status_code=201,
    responses=problems(400, 404, 409, 413) | AGAIN,
    dependencies=[HANDING_IN.needed],
)
def record_consultations(
    body: Sent, request: Request, parts: OpenParts, response: Response
) -> RecordedSchema:
    """Keep what was asked. 201 when something was new, 200 when all had been sent before."""
    sent = body.consultations if isinstance(body, ConsultationBatchSchema) else [body]
    if faults := list(_faults(sent, parts)):
        raise InvalidRequest(*faults)
    told = [one.consultation() for one in sent]

    def write(connection: Connection) -> tuple[int, list[Came]]:
        new = append_consultations(connection, told)
        return len(new), _came(told, new)

    known = {one.subject for one in sent if one.subject is not None}
    new = keep(request, parts, known, write, anonymous=any(one.subject is None for one in sent))
    return recorded(len(sent), new, response)


def _came(told: Sequence[ConsultationRecord], new: set[str]) -> list[Came]:
    """One arrival a subject; nothing follows for callers whom nobody knows."""
    by_subject: dict[str, list[str]] = {}
    for one in told:
        if one.subject is not None and one.id in new:
            by_subject.setdefault(one.subject, []).append(one.id)
    return [Came(subject, "consultation", tuple(dict.fromkeys(ids))) for subject, ids in by_subject.items()]


def _faults(sent: Sequence[ConsultationSchema], parts: Parts) -> Iterator[Fault]:
    latest = parts.desk.clock.at() + CLOCK_TOLERANCE
    for place, one in enumerate(sent):
        yield from time_faults(pointer_to("consultations", place, len(sent)), one.at, latest)
