"""The page from which why and why not are asked of any item."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from catalog.vocabulary import SubjectKind
from serving.access import Id, OpenParts
from serving.identity.access import OWN_CITIZEN, OWN_ENTERPRISE
from serving.pages.every_item_context import every_item_context
from serving.pages.request_frame import frame_of
from serving.pages.routes import page, reader_of
from serving.parts import Parts

router = APIRouter(include_in_schema=False)


@router.get("/citizens/{id}/every-item", dependencies=[OWN_CITIZEN.needed])
def citizen_every_item(request: Request, id: Id, parts: OpenParts) -> Response:
    """Every item for citizens, each a link to why or why not."""
    return _every_item(request, parts, SubjectKind.CITIZEN, id)


@router.get("/enterprises/{id}/every-item", dependencies=[OWN_ENTERPRISE.needed])
def enterprise_every_item(request: Request, id: Id, parts: OpenParts) -> Response:
    """Every item for enterprises, each a link to why or why not."""
    return _every_item(request, parts, SubjectKind.ENTERPRISE, id)


def _every_item(request: Request, parts: Parts, kind: SubjectKind, id: str) -> Response:
    known = parts.desk.known(kind, id)
    reader = reader_of(request, known)
    frame = frame_of(request, reader.words("every.title"), synthetic=parts.samples.synthetic)
    return page(request, "every_item", every_item_context(known.entries, parts.catalogue, reader, frame))
