"""The pages of what to ask next, and of an answer tried. Nothing that is tried is kept."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from catalog.attribute import Attribute
from catalog.vocabulary import SubjectKind, ValueType
from serving.access import Id, OpenParts
from serving.api.questions import asks_of
from serving.api.what_if_answer import Case, answer
from serving.api.what_if_reading import read_supposition
from serving.api.what_if_schemas import ChangedScopeItemSchema, Plain, WhatIfRequestSchema
from serving.errors import Fault, InvalidRequest
from serving.identity.access import OWN_CITIZEN, OWN_ENTERPRISE
from serving.pages.facts import value_text
from serving.pages.questions_context import NONE, questions_context
from serving.pages.request_frame import frame_of
from serving.pages.routes import page, reader_of
from serving.pages.what_if_context import what_if_context
from serving.parts import Parts

router = APIRouter(include_in_schema=False)
Text = Annotated[str, Query(min_length=1, max_length=200)]


@router.get("/citizens/{id}/questions", dependencies=[OWN_CITIZEN.needed])
def citizen_questions(request: Request, id: Id, parts: OpenParts) -> Response:
    """What a citizen might tell, and what each answer would decide."""
    return _questions(request, parts, SubjectKind.CITIZEN, id)


@router.get("/enterprises/{id}/questions", dependencies=[OWN_ENTERPRISE.needed])
def enterprise_questions(request: Request, id: Id, parts: OpenParts) -> Response:
    """What an enterprise might tell, and what each answer would decide."""
    return _questions(request, parts, SubjectKind.ENTERPRISE, id)


@router.get("/citizens/{id}/what-if", dependencies=[OWN_CITIZEN.needed])
def citizen_what_if(
    request: Request, id: Id, parts: OpenParts, scope_item: Text, attribute: Text, value: Text
) -> Response:
    """What one answer would change for a citizen."""
    return _what_if(request, parts, (SubjectKind.CITIZEN, id), (scope_item, attribute, value))


@router.get("/enterprises/{id}/what-if", dependencies=[OWN_ENTERPRISE.needed])
def enterprise_what_if(
    request: Request, id: Id, parts: OpenParts, scope_item: Text, attribute: Text, value: Text
) -> Response:
    """What one answer would change for an enterprise."""
    return _what_if(request, parts, (SubjectKind.ENTERPRISE, id), (scope_item, attribute, value))


def _questions(request: Request, parts: Parts, kind: SubjectKind, id: str) -> Response:
    known = parts.desk.known(kind, id)
    reader = reader_of(request, known)
    asked = asks_of(parts.desk.homepage_of(known), known, parts)
    labels = {item.id: item.label for item in known.assess.scope_items}
    frame = frame_of(request, reader.words("ask.title"), synthetic=parts.samples.synthetic)
    return page(request, "questions", questions_context(asked, labels, parts.catalogue, reader, frame))


def _what_if(
    request: Request, parts: Parts, whose: tuple[SubjectKind, str], told: tuple[str, str, str]
) -> Response:
    (kind, id), (scope_item, name, text) = whose, told
    known = parts.desk.known(kind, id)
    reader = reader_of(request, known)
    attribute = parts.catalogue.attributes.get(name)
    if attribute is None:
        raise InvalidRequest(Fault("/query/attribute", "the attribute register has no such attribute"))
    plain = _plain(attribute, text)
    changed = ChangedScopeItemSchema(scope_item=scope_item, attributes={name: plain})
    asked = WhatIfRequestSchema(kind=kind.value, subject=id, changes=[changed])
    supposition = read_supposition(asked, known.assess, parts.catalogue, known.judgement.on)
    found = answer(Case(known.assess, known.judgement, parts), supposition)
    frame = frame_of(request, reader.words("suppose.title"), synthetic=parts.samples.synthetic)
    value = next(item for item in supposition.profile.scope_items if item.id == scope_item).attributes[name]
    said = reader.words.name(attribute.names), value_text(value, attribute, reader.words)
    supposed = reader.words("fact.told", name=said[0], value=said[1])
    return page(request, "supposed", what_if_context(found, supposed, parts.catalogue, reader, frame))


def _plain(attribute: Attribute, text: str) -> Plain:
    """What was chosen or typed, as JSON would have it."""
    if text == NONE:
        return None
    match attribute.type:
        case ValueType.BOOLEAN if text in ("true", "false"):
            return text == "true"
        case ValueType.NUMBER:
            try:
                return float(text)
            except ValueError as error:
                raise InvalidRequest(Fault("/query/value", "takes a number")) from error
        case _:
            return text
