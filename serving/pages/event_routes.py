"""The pages of single events, for the subject they happen to."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from catalog.vocabulary import SubjectKind
from serving.access import Id, OpenParts
from serving.event_view import event_of, events_of
from serving.identity.access import OWN_CITIZEN, OWN_ENTERPRISE
from serving.pages.event_context import event_context
from serving.pages.request_frame import frame_of
from serving.pages.routes import page, reader_of
from serving.parts import Parts

router = APIRouter(include_in_schema=False)


@router.get("/citizens/{id}/events/{event}", dependencies=[OWN_CITIZEN.needed])
def citizen_event(
    request: Request, id: Id, event: Id, parts: OpenParts, scope_item: str | None = None
) -> Response:
    """A life event of a citizen, for one scope item or all it ranges over."""
    return _event_page(request, parts, (SubjectKind.CITIZEN, id), event, scope_item)


@router.get("/enterprises/{id}/events/{event}", dependencies=[OWN_ENTERPRISE.needed])
def enterprise_event(
    request: Request, id: Id, event: Id, parts: OpenParts, scope_item: str | None = None
) -> Response:
    """A business event of an enterprise, for one scope item or all it ranges over."""
    return _event_page(request, parts, (SubjectKind.ENTERPRISE, id), event, scope_item)


def _event_page(
    request: Request, parts: Parts, whose: tuple[SubjectKind, str], event_id: str, scope_item: str | None
) -> Response:
    event, known = event_of(parts, event_id, whose[0]), parts.desk.known(*whose)
    reader = reader_of(request, known)
    found = [
        one
        for one in events_of(event, known, parts)
        if scope_item in (None, one.scope_item.id) and parts.desk.shows_scope_item(event, one.scope_item.id)
    ]
    frame = frame_of(request, reader.words.name(event.names), synthetic=parts.samples.synthetic)
    return page(request, "event", event_context(event, found, parts.catalogue, reader, frame))
