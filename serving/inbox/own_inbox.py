"""`/v1/inbox`: the inbox of whoever the caller's hat is for, page by page, newest first."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.requests import Request

from catalog.catalogue import Catalogue
from catalog.vocabulary import SubjectKind
from records.database import reading
from records.grants import labels_of
from records.inbox import Told
from serving.access import OpenParts
from serving.api.problems import problems
from serving.api.schema import AnswerSchema, NamedSchema, NamesSchema
from serving.identity.access import CurrentActor, CurrentVisit, admitted
from serving.inbox.access import OWN, Subject, whose
from serving.inbox.place import place_of
from serving.inbox.schemas import MessageSchema
from serving.inbox.sight import inbox_of, look_back

router = APIRouter(prefix="/v1", tags=["inbox"])

MOST_ID = 2**53 - 1
"""The largest number that programs in any language read exactly."""
State = Annotated[Literal["open", "closed"], Query(description="What still holds, or what is over.")]
Before = Annotated[int | None, Query(ge=1, le=MOST_ID, description="Only messages told before this one.")]
Limit = Annotated[int, Query(ge=1, le=100)]


class ListedMessageSchema(MessageSchema):
    """One message as the inbox's page has it: whose thing it is about, and where more of it is."""

    whose: str | None
    page: str | None
    papers: list[NamedSchema]

    @classmethod
    def listed(
        cls, one: Told, catalogue: Catalogue, kind: SubjectKind, subject: str, whose: str | None
    ) -> ListedMessageSchema:
        """The schema of a message, with what its owner calls the scope item."""
        message, papers = one.message, catalogue.evidence_types
        return cls(
            **MessageSchema.of(one, catalogue).model_dump(),
            whose=whose,
            page=place_of(message, catalogue, kind, subject),
            papers=[
                NamedSchema(id=each, names=NamesSchema.of(papers[each].names))
                for each in message.missing
                if each in papers
            ],
        )


class OwnInboxSchema(AnswerSchema):
    """A page of an inbox, newest first. `next_before` leads to what is older.

    `unread` and `hidden` count open messages: those not read, and those not shown to whoever asks.
    """

    kind: SubjectKind
    subject: str
    state: Literal["open", "closed"]
    unread: int
    hidden: int
    messages: list[ListedMessageSchema]
    next_before: int | None


@router.get("/inbox", response_model=OwnInboxSchema, responses=problems(404), dependencies=[OWN.needed])
def own_inbox(
    request: Request,
    parts: OpenParts,
    actor: CurrentActor,
    visit: CurrentVisit,
    subject: Subject = None,
    state: State = "open",
    before: Before = None,
    limit: Limit = 50,
) -> OwnInboxSchema:
    """What whoever the caller's hat is for was told, newest first: what is open, or what is over."""
    kind, of = whose(subject, actor)
    seeing = admitted(request, parts, visit, kind, of, purpose="remind")
    counted = inbox_of(parts, seeing, kind, of)
    with reading(parts.engine) as connection:
        found, more = look_back(
            connection, parts, seeing, of, closed=state == "closed", before=before, most=limit
        )
        things = {one.message.scope_item for one in found if one.message.scope_item is not None}
        labels = labels_of(connection, things)
    catalogue = parts.catalogue
    return OwnInboxSchema(
        kind=kind,
        subject=of,
        state=state,
        unread=counted.unread,
        hidden=counted.hidden,
        messages=[
            ListedMessageSchema.listed(one, catalogue, kind, of, labels.get(one.message.scope_item or ""))
            for one in found
        ],
        next_before=found[-1].id if more else None,
    )
