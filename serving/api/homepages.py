"""Homepages for programs."""

from __future__ import annotations

from fastapi import APIRouter

from catalog.vocabulary import SubjectKind
from serving.access import Id, OpenParts
from serving.api.homepage_schemas import HomepageSchema
from serving.api.problems import problems
from serving.identity.access import OWN_CITIZEN, OWN_ENTERPRISE
from serving.parts import Parts

router = APIRouter(prefix="/v1", tags=["homepages"])


@router.get(
    "/citizens/{id}/homepage",
    response_model=HomepageSchema,
    responses=problems(404),
    dependencies=[OWN_CITIZEN.needed],
)
def citizen_homepage(id: Id, parts: OpenParts) -> HomepageSchema:
    """What a citizen should do, can do and can finish now, and what is coming."""
    return _answer(parts, SubjectKind.CITIZEN, id)


@router.get(
    "/enterprises/{id}/homepage",
    response_model=HomepageSchema,
    responses=problems(404),
    dependencies=[OWN_ENTERPRISE.needed],
)
def enterprise_homepage(id: Id, parts: OpenParts) -> HomepageSchema:
    """What an enterprise should do, can do and can finish now, and what is coming."""
    return _answer(parts, SubjectKind.ENTERPRISE, id)


def _answer(parts: Parts, kind: SubjectKind, id: str) -> HomepageSchema:
    if not parts.desk.choices(kind, id).personalised:
        return HomepageSchema.for_all(parts.desk.general(kind), parts.catalogue)
    known = parts.desk.known(kind, id)
    return HomepageSchema.of(parts.desk.homepage_of(known), parts.catalogue, known.judgement.impossible())
