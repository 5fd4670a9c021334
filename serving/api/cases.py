"""What became of cases, as the portals and halls that run them report it, one by one or many at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import Discriminator, Field, Tag
from sqlalchemy import Connection

from records.arrivals import Came
from records.cases import CaseReport, append_reports
from records.scope_items import owned_things
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

router = APIRouter(prefix="/v1", tags=["cases"])


class CaseReportSchema(RequestSchema):
    """That a case came to a status at a time. Of reports on one case the latest by `at` holds.

    `client_id` stands for the report and is chosen by the sender; sending it again changes nothing. Reports
    may come late and out of order: of one and the same instant `withdrawn` goes before `failed`, that
    before `succeeded`, that before `open`.
    """

    client_id: ClientId
    id: ClientId
    """The case's own id, the same in all its reports."""
    subject: Text
    scope_item: Text | None = None
    """What it is about; the subject itself where nothing is said."""
    item: Text
    cycle: Word
    """`once`, or the year, quarter or month the case is for, as the homepage names it."""
    status: Literal["open", "succeeded", "failed", "withdrawn"]
    channel: Word | None = None
    at: Moment

    def report(self) -> CaseReport:
        """What is kept, its time in UTC."""
        return CaseReport(
            client_id=self.client_id,
            case=self.id,
            scope_item=self.scope_item or self.subject,
            item=self.item,
            cycle=self.cycle,
            status=self.status,
            at=self.at.astimezone(dt.UTC),
            channel=self.channel,
        )


class CaseReportBatchSchema(RequestSchema):
    """Many reports; all of them are kept, or none."""

    cases: Annotated[list[CaseReportSchema], Field(min_length=1, max_length=LARGEST_BATCH)]


Sent = Annotated[
    Annotated[CaseReportSchema, Tag("single")] | Annotated[CaseReportBatchSchema, Tag("batch")],
    Discriminator(form_of("cases")),
]


@router.post(
    "/cases",
    response_model=RecordedSchema,
    status_code=201,
    responses=problems(400, 404, 409, 413) | AGAIN,
    dependencies=[HANDING_IN.needed],
)
def record_cases(body: Sent, request: Request, parts: OpenParts, response: Response) -> RecordedSchema:
    """Keep what became of cases. 201 when something was new, 200 when all had been sent before."""
    sent = body.cases if isinstance(body, CaseReportBatchSchema) else [body]
    if faults := list(_faults(sent, parts)):
        raise InvalidRequest(*faults)
    told = [(one.subject, one.report()) for one in sent]

    def write(connection: Connection) -> tuple[int, list[Came]]:
        if misfits := list(_misfits(connection, sent, parts)):
            raise InvalidRequest(*misfits)
        new = append_reports(connection, told)
        return len(new), _came(told, new)

    new = keep(request, parts, {one.subject for one in sent}, write)
    return recorded(len(sent), new, response)


def _came(told: Sequence[tuple[str, CaseReport]], new: set[str]) -> list[Came]:
    """One arrival a subject, of the cases that something new was told of."""
    by_subject: dict[str, dict[str, str]] = {}
    for subject, one in told:
        if one.client_id in new:
            by_subject.setdefault(subject, {})[one.case] = one.item
    return [
        Came(subject, "case", tuple(cases), frozenset(cases.values()))
        for subject, cases in by_subject.items()
    ]


def _faults(sent: Sequence[CaseReportSchema], parts: Parts) -> Iterator[Fault]:
    latest = parts.desk.clock.at() + CLOCK_TOLERANCE
    for place, one in enumerate(sent):
        pointer = pointer_to("cases", place, len(sent))
        if one.item not in parts.catalogue.items:
            yield Fault(f"{pointer}/item", "the catalogue has no such item")
        yield from time_faults(pointer, one.at, latest)


def _misfits(connection: Connection, sent: Sequence[CaseReportSchema], parts: Parts) -> Iterator[Fault]:
    """What a case cannot be about: somebody else's, or a thing that its item is not for."""
    known = owned_things(connection, {one.scope_item or one.subject for one in sent})
    for place, one in enumerate(sent):
        pointer = pointer_to("cases", place, len(sent))
        item, thing = parts.catalogue.items[one.item], known.get(one.scope_item or one.subject)
        if thing is None or thing.owner != one.subject:
            yield Fault(f"{pointer}/scope_item", "not one of the subject's")
        elif (thing.scope, thing.kind) != (item.scope, item.subject):
            yield Fault(f"{pointer}/scope_item", f"the item is for a {item.subject}'s {item.scope}")
