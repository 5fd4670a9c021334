"""Refusals in the audit: who reached beyond what is theirs, and that a word was not believed."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request

from features.schema import PurposeName
from records.audit import AuditEntry
from records.database import writing
from serving.identity.desk import identity_of
from serving.identity.refusals import (
    ForeignForm,
    KeptBack,
    NobodyHere,
    RoleRefused,
    ScopeRefused,
    TokenRefused,
)
from serving.identity.visit import Visit
from serving.parts import Parts

REFUSED: Final = (TokenRefused, ScopeRefused, RoleRefused, NobodyHere, KeptBack, ForeignForm)
"""What is noted of a route that lets nobody in for it; that nobody is signed in is no attempt."""


def note_reach(request: Request, parts: Parts, visit: Visit, purpose: PurposeName | None) -> None:
    """That somebody reached beyond what is theirs, before they are answered."""
    with writing(parts.engine) as connection:
        parts.audit.append(connection, _entry(request, visit, purpose, "beyond what is theirs"))


def note_refusal(request: Request, parts: Parts, why: Exception, purpose: PurposeName | None) -> None:
    """That a route let somebody in no further; sealed with others within a second.

    Whoever sends made-up tokens by the thousand makes nobody wait for the head of the chain.
    """
    visit: Visit | None = getattr(request.state, "visit", None)
    parts.views.note(_entry(request, visit, purpose, type(why).__name__))


def route_of(request: Request) -> str:
    """The method and the template of the address: no id is in it."""
    return f"{request.method} {getattr(request.scope.get('route'), 'path', '')}"


def _entry(request: Request, visit: Visit | None, purpose: PurposeName | None, why: str) -> AuditEntry:
    """Whom they asked about is not kept."""
    hat = None if visit is None else visit.worn or next(iter(visit.hats), None)
    return AuditEntry(
        at=identity_of(request).wall(),
        role="nobody" if hat is None else hat.role,
        actor="nobody" if visit is None else visit.name,
        action="refused",
        purpose=purpose,
        detail={"route": route_of(request), "why": why},
    )
