"""The page of invitations, and the forms that answer them; everything works without scripts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.vocabulary import SubjectKind
from models.invitation.answering import (
    Accept,
    Answer,
    AnswerRefused,
    Decline,
    Postpone,
    SaysDone,
)
from records.settings import moment_of_writing
from serving.access import Id, OpenParts
from serving.errors import Fault, InvalidRequest
from serving.identity.access import OWN_CITIZEN, OWN_ENTERPRISE
from serving.invitations import answer_for, lists_of
from serving.pages.addresses import home_url
from serving.pages.feedback_routes import Form
from serving.pages.invitations_context import invitations_context
from serving.pages.request_frame import frame_of
from serving.pages.routes import page, reader_of
from serving.parts import Parts

router = APIRouter(include_in_schema=False)


@router.get("/citizens/{id}/invitations", dependencies=[OWN_CITIZEN.needed])
def citizen_invitations(request: Request, id: Id, parts: OpenParts) -> Response:
    """What is proposed to a citizen, and what they agreed on."""
    return _page(request, parts, SubjectKind.CITIZEN, id)


@router.get("/enterprises/{id}/invitations", dependencies=[OWN_ENTERPRISE.needed])
def enterprise_invitations(request: Request, id: Id, parts: OpenParts) -> Response:
    """What is proposed to an enterprise, and what it agreed on."""
    return _page(request, parts, SubjectKind.ENTERPRISE, id)


@router.post("/citizens/{id}/invitations/{invitation}", dependencies=[OWN_CITIZEN.needed])
def citizen_answers(id: Id, invitation: int, parts: OpenParts, form: Form) -> Response:
    """A citizen's answer."""
    return _answered(parts, SubjectKind.CITIZEN, id, invitation, form)


@router.post("/enterprises/{id}/invitations/{invitation}", dependencies=[OWN_ENTERPRISE.needed])
def enterprise_answers(id: Id, invitation: int, parts: OpenParts, form: Form) -> Response:
    """An enterprise's answer."""
    return _answered(parts, SubjectKind.ENTERPRISE, id, invitation, form)


def _page(request: Request, parts: Parts, kind: SubjectKind, id: str) -> Response:
    known = parts.desk.known(kind, id)
    reader = reader_of(request, known)
    frame = frame_of(request, reader.words("invite.title"), synthetic=parts.samples.synthetic)
    labels = {item.id: item.label for item in known.assess.scope_items}
    lists = lists_of(parts, known)
    context = invitations_context(lists, labels, parts.catalogue, reader, frame, request.query_params)
    return page(request, "invitations", context)


def _answered(parts: Parts, kind: SubjectKind, id: str, invitation: int, form: Mapping[str, str]) -> Response:
    """Keep the answer and show the page again with a word on it; a refusal says why on the same page."""
    answer, told = _answer(parts, form), {"said": form.get("answer", "")}
    try:
        answer_for(parts, id, invitation, answer)
    except AnswerRefused as refused:
        told = {"refused": refused.code} | ({"day": refused.day.isoformat()} if refused.day else {})
    return RedirectResponse(f"{home_url(kind, id)}/invitations?{urlencode(told)}", status_code=303)


def _answer(parts: Parts, form: Mapping[str, str]) -> Answer:
    match form.get("answer"):
        case "accept":
            return Accept(_day(form))
        case "postpone":
            return Postpone(_day(form))
        case "decline":
            return Decline()
        case "done":
            return SaysDone(moment_of_writing(parts.settings))
    raise InvalidRequest(Fault("/body/answer", "is none of accept, postpone, decline, done"))


def _day(form: Mapping[str, str]) -> dt.date:
    try:
        return dt.date.fromisoformat(form.get("on", ""))
    except ValueError as error:
        raise InvalidRequest(Fault("/body/on", "write the day as in 2026-11-21")) from error
