"""The pages of single items, for anybody and for the subject who asks."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from catalog.catalogue import Item
from catalog.vocabulary import Status, SubjectKind
from records.subjects import UnknownSubject
from serving.access import Id, OpenParts
from serving.errors import UnknownItem
from serving.identity.access import PUBLIC, reached
from serving.inbox.follow_form import follow_form
from serving.pages.cards import Reader
from serving.pages.item_context import Asked, item_context
from serving.pages.request_frame import frame_of
from serving.pages.routes import page, reader_of
from serving.parts import Parts
from serving.reader import words_of

router = APIRouter(include_in_schema=False)


@router.get("/public-services/{id}", dependencies=[PUBLIC.needed])
def public_service(
    request: Request, id: Id, parts: OpenParts, subject: str | None = None, scope_item: str | None = None
) -> Response:
    """A public service's page."""
    return _item_page(request, parts, parts.catalogue.public_services.get(id), id, subject, scope_item)


@router.get("/support-policies/{id}", dependencies=[PUBLIC.needed])
def support_policy(
    request: Request, id: Id, parts: OpenParts, subject: str | None = None, scope_item: str | None = None
) -> Response:
    """A support policy's page."""
    return _item_page(request, parts, parts.catalogue.support_policies.get(id), id, subject, scope_item)


def _item_page(
    request: Request, parts: Parts, item: Item | None, id: str, subject: str | None, scope_item: str | None
) -> Response:
    if item is None or item.status is not Status.CONFIRMED:
        raise UnknownItem(id)
    words = words_of(request)
    synthetic = subject is not None and parts.samples.synthetic
    frame = frame_of(request, words.name(item.names), synthetic=synthetic)
    asked = None if subject is None else _asked(request, parts, item, subject, scope_item)
    context = item_context(item, parts.catalogue, words, frame, asked)
    if subject is not None:
        kind, _, whose = subject.partition(":")
        context = replace(context, follow=follow_form(request, parts, item, SubjectKind(kind), whose))
    return page(request, "item", context)


def _asked(request: Request, parts: Parts, item: Item, subject: str, scope_item: str | None) -> Asked:
    """What is found out for `citizen:ID` or `enterprise:ID`, about one scope item or all it ranges over."""
    kind, _, id = subject.partition(":")
    if kind not in tuple(SubjectKind) or not id:
        raise UnknownSubject(subject)
    parts = reached(request, parts, SubjectKind(kind), id)
    known = parts.desk.known(SubjectKind(kind), id)
    reader: Reader = reader_of(request, known)
    assessments = parts.desk.assessments_of(known, item)
    return Asked(
        reader=reader,
        assessments=tuple(one for one in assessments if scope_item in (None, one.scope_item)),
        standings=parts.desk.standings_of(known, item),
        labels={one.id: one.label for one in known.assess.scope_items},
        heard={one.id: {**known.assess.itself.as_of, **one.as_of} for one in known.assess.scope_items},
    )
