"""Doing it, for programs: begin a matter at the portal, and the keys the portal checks it with."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request

from catalog.vocabulary import SubjectKind
from serving.access import Id, OpenParts
from serving.api.problems import problems
from serving.api.schema import AnswerSchema, RequestSchema
from serving.hand_over.starting import keys_of, start
from serving.identity.access import OWN_CITIZEN, OWN_ENTERPRISE, PUBLIC
from serving.parts import Parts

router = APIRouter(prefix="/v1", tags=["hand-overs"])
Text = Annotated[str, Field(min_length=1, max_length=200)]


class MatterSchema(RequestSchema):
    """A matter as the homepage names it: an item, for one scope item, in one cycle."""

    item: Text
    scope_item: Text
    cycle: Text


class HandOverSchema(AnswerSchema):
    """A matter on its way: open `url` before `expires_at`, once. What comes of it comes by /v1/cases."""

    id: str
    item: str
    scope_item: str
    cycle: str
    portal: str
    token: str
    url: str
    expires_at: dt.datetime


class KeySetSchema(AnswerSchema):
    """Public keys (RFC 7517)."""

    keys: list[dict[str, Any]]


@router.post(
    "/citizens/{id}/hand-overs",
    response_model=HandOverSchema,
    status_code=201,
    responses=problems(400, 404, 413),
    dependencies=[OWN_CITIZEN.needed],
)
def start_as_citizen(id: Id, body: MatterSchema, request: Request, parts: OpenParts) -> HandOverSchema:
    """Hand a citizen's matter over to the portal, signed; good for a few minutes and for one use."""
    return _started(request, parts, SubjectKind.CITIZEN, id, body)


@router.post(
    "/enterprises/{id}/hand-overs",
    response_model=HandOverSchema,
    status_code=201,
    responses=problems(400, 404, 413),
    dependencies=[OWN_ENTERPRISE.needed],
)
def start_as_enterprise(id: Id, body: MatterSchema, request: Request, parts: OpenParts) -> HandOverSchema:
    """Hand an enterprise's matter over to the portal, signed; good for a few minutes and for one use."""
    return _started(request, parts, SubjectKind.ENTERPRISE, id, body)


@router.get(
    "/hand-over-keys", response_model=KeySetSchema, responses=problems(), dependencies=[PUBLIC.needed]
)
def hand_over_keys(parts: OpenParts) -> KeySetSchema:
    """The public keys that a portal checks hand-overs with."""
    return KeySetSchema.model_validate(keys_of(parts).public())


def _started(
    request: Request, parts: Parts, kind: SubjectKind, id: str, body: MatterSchema
) -> HandOverSchema:
    begun = start(request, parts, kind, id, (body.item, body.scope_item, body.cycle))
    one = begun.hand_over
    return HandOverSchema(
        id=one.id,
        item=one.item,
        scope_item=one.scope_item,
        cycle=one.cycle,
        portal=one.portal,
        token=begun.token,
        url=begun.url,
        expires_at=one.expires_at,
    )
