"""Who may decide on a subject's data, and who may only see it."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends
from starlette.requests import Request

from catalog.vocabulary import SubjectKind
from records.tables.vocabulary import RequestCapacity
from serving.access import Id, OpenParts
from serving.identity.access import Access, actor_of, visitor_of
from serving.identity.actor import Role
from serving.pages.addresses import FOLDERS
from serving.privacy.decisions import By, Decisions

DECIDING: Final = frozenset({Role.CITIZEN, Role.GUARDIAN, Role.STAFF})
"""The subject, a guardian for a child under fourteen, staff for an enterprise; no proxy and no agent."""
SEEING: Final = DECIDING | {Role.NEAR_RELATIVE}
"""And the near relatives of one who has died: they read and copy (PIPL 49)."""
CAPACITIES: Final[dict[Role, RequestCapacity]] = {
    Role.CITIZEN: "self",
    Role.GUARDIAN: "guardian",
    Role.STAFF: "representative",
    Role.NEAR_RELATIVE: "near_relative",
}
DECIDES: Final = {kind: Access(DECIDING, kind, "assess", entire=True) for kind in SubjectKind}
CLOSES: Final = {kind: Access(DECIDING, kind, "assess", entire=True, owning=True) for kind in SubjectKind}
"""Closing the account: of an enterprise, its owner or legal representative."""
SEES: Final = {kind: Access(SEEING, kind, "assess", whole=True) for kind in SubjectKind}


def kind_in_path(request: Request) -> SubjectKind:
    """Which kind of subject an address is about."""
    return next(kind for kind, folder in FOLDERS.items() if folder in request.url.path.split("/")[:3])


Kind = Annotated[SubjectKind, Depends(kind_in_path)]


def decisions_of(request: Request, id: Id, kind: Kind, parts: OpenParts) -> Decisions:
    """The decisions that whoever was let in may take."""
    actor = actor_of(request)
    return Decisions(parts, kind, id, By(actor.role, visitor_of(request).name))


Deciding = Annotated[Decisions, Depends(decisions_of)]


def capacity_of(request: Request) -> RequestCapacity:
    """In which capacity a request is made."""
    return CAPACITIES[actor_of(request).role]


CurrentCapacity = Annotated[RequestCapacity, Depends(capacity_of)]
