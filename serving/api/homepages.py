"""Homepages for programs."""

from __future__ import annotations

from fastapi import APIRouter

from catalog.vocabulary import SubjectKind
from serving.access import Id, OpenParts
from serving.api.homepage_schemas import HomepageSchema
from serving.api.problems import problems

router = APIRouter(prefix="/v1", tags=["homepages"])


@router.get("/citizens/{id}/homepage", response_model=HomepageSchema, responses=problems(404))
def citizen_homepage(id: Id, parts: OpenParts) -> HomepageSchema:
    """What a citizen should do, can do and can finish now, and what is coming."""
    return HomepageSchema.of(parts.desk.homepage(SubjectKind.CITIZEN, id), parts.catalogue)


@router.get("/enterprises/{id}/homepage", response_model=HomepageSchema, responses=problems(404))
def enterprise_homepage(id: Id, parts: OpenParts) -> HomepageSchema:
    """What an enterprise should do, can do and can finish now, and what is coming."""
    return HomepageSchema.of(parts.desk.homepage(SubjectKind.ENTERPRISE, id), parts.catalogue)
