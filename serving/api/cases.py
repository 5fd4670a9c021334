"""What became of cases, as the portals and halls that run them report it, one by one or many at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import Discriminator, Field, Tag
from sqlalchemy import Connection

from records.arrivals import Came
from records.cases import CaseReport, append_reports
from records.scope_items import owned_things
from serving.access import OpenParts
from serving.api.handing_in import (
    LARGEST_BATCH,
    ClientId,
    HandedIn,
    Moment,
    RecordedSchema,
    Text,
    Word,
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


@handing_in(router, "/cases")
def record_cases(body: Sent, request: Request, parts: OpenParts, response: Response) -> RecordedSchema:
    """Keep what became of cases. 201 when something was new, 200 when all had been sent before."""
    sent = HandedIn(body.cases, "cases") if isinstance(body, CaseReportBatchSchema) else HandedIn([body])
    sent.check(parts.desk.clock.at(), lambda one: _wrong(one, parts))
    told = [(one.subject, one.report()) for one in sent.each]

    def write(connection: Connection) -> tuple[int, list[Came]]:
        if misfits := list(_misfits(connection, sent, parts)):
            raise InvalidRequest(*misfits)
        new = append_reports(connection, told)
        fresh = ((subject, one.case, one.item) for subject, one in told if one.client_id in new)
        return len(new), came("case", fresh)

    new = keep(request, parts, {one.subject for one in sent.each}, write)
    return recorded(len(told), new, response)


def _wrong(one: CaseReportSchema, parts: Parts) -> Iterator[Wrong]:
    if one.item not in parts.catalogue.items:
        yield "item", "the catalogue has no such item"


def _misfits(connection: Connection, sent: HandedIn[CaseReportSchema], parts: Parts) -> Iterator[Fault]:
    """What a case cannot be about: somebody else's, or a thing that its item is not for."""
    known = owned_things(connection, {one.scope_item or one.subject for one in sent.each})
    for pointer, one in sent.placed():
        item, thing = parts.catalogue.items[one.item], known.get(one.scope_item or one.subject)
        if thing is None or thing.owner != one.subject:
            yield Fault(f"{pointer}/scope_item", "not one of the subject's")
        elif (thing.scope, thing.kind) != (item.scope, item.subject):
            yield Fault(f"{pointer}/scope_item", f"the item is for a {item.subject}'s {item.scope}")
