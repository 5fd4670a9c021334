"""What a route needs of whoever asks, declared where the route is: the one mechanism, checked for all routes.

    @router.get("/citizens/{id}", dependencies=[OWN_CITIZEN.needed])
    def citizen(request: Request, id: Id, parts: OpenParts, actor: CurrentActor) -> Response: ...

Who may not reach a subject is answered exactly as if there were no such subject.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import Depends
from starlette.requests import Request

from catalog.vocabulary import SubjectKind
from features.schema import PurposeName
from records.audit import AuditEntry
from records.database import reading, writing
from records.subjects import UnknownSubject
from serving.discretion import seen_by
from serving.identity.actor import PERSONAL, WRITING, Actor, Role
from serving.identity.desk import identity_of
from serving.identity.forms import SAFE, check_form
from serving.identity.refusal_notes import REFUSED, note_reach, note_refusal, route_of
from serving.identity.refusals import (
    KeptBack,
    NobodyHere,
    NotSignedIn,
    OtherHat,
    RoleRefused,
    ScopeRefused,
    TokenRefused,
)
from serving.identity.visit import SCOPE_PREFIX, Visit, visit_of
from serving.parts import Parts
from serving.rate_limits import Group, RateLimits, group_of


@dataclass(frozen=True, slots=True)
class Access:
    """Who may use a route, and about whom."""

    roles: frozenset[Role] | None
    """None: anybody, signed in or not."""
    kind: SubjectKind | None = None
    """The kind of subject the route's `{id}` names; None where no part of its address names one."""
    purpose: PurposeName | None = None
    """What a token must be good for."""
    whole: bool = False
    """Whether it shows all that is held, and so nothing on a shared screen or to a proxy."""
    entire: bool = False
    """Whether it decides on all that is the subject's, and so is not for who reaches a part."""
    owning: bool = False
    """Whether of an enterprise's people only its owners and legal representatives may."""
    limits: Group | None = None
    """Which limits of how often it may be asked; None: those of its address."""

    @property
    def needed(self) -> Any:
        """The dependency a route declares."""
        return Depends(self.admit)

    def admit(self, request: Request) -> None:
        """Let the caller in, or raise why not; leaves visit, actor and the parts as they see them."""
        parts: Parts = request.app.state.parts
        if self.roles is None:
            request.state.visit = _whoever(request, parts)
            return
        try:
            self._admit(request, parts, self.roles)
        except REFUSED as refused:
            note_refusal(request, parts, refused, self.purpose)
            raise

    def _admit(self, request: Request, parts: Parts, roles: frozenset[Role]) -> None:
        visit = signed_in(request, parts, self.purpose, self.limits)
        if self.kind is not None:
            subject = request.path_params["id"]
            actor = admitted(request, parts, visit, self.kind, subject, roles, self.purpose)
            if self.whole and not actor.sees_all:
                raise KeptBack
            if (self.entire and not actor.has_everything) or (self.owning and not actor.may_close):
                raise RoleRefused
            see_as(request, parts, actor)
            return
        hat = visit.worn or next((hat for hat in visit.hats if hat.role in roles), None)
        if hat is None or hat.role not in roles:
            raise RoleRefused
        with reading(parts.engine) as connection:
            request.state.actor = visit.actor(connection, hat)


PUBLIC: Final = Access(None)
"""Open to everybody: what says nothing of anybody."""
SIGNED_IN: Final = Access(frozenset(Role))
"""Open to whoever is signed in; what it says is about them alone."""
OWN_CITIZEN: Final = Access(PERSONAL, SubjectKind.CITIZEN, "assess")
OWN_ENTERPRISE: Final = Access(PERSONAL, SubjectKind.ENTERPRISE, "assess")
"""About the subject in the address, to those who may act for it."""
REMINDED_CITIZEN: Final = Access(PERSONAL, SubjectKind.CITIZEN, "remind")
REMINDED_ENTERPRISE: Final = Access(PERSONAL, SubjectKind.ENTERPRISE, "remind")
ABOUT_SOMEBODY: Final = Access(PERSONAL, None, "assess")
"""About a subject the request itself names; the handler calls `admitted` before it looks at anything."""
OPERATORS: Final = Access(frozenset({Role.OPERATOR}), None, "aggregate")
DATA_SCIENTISTS: Final = Access(frozenset({Role.DATA_SCIENTIST}), None, "train")
AUDITORS: Final = Access(frozenset({Role.AUDITOR}))
AGENTS: Final = Access(frozenset({Role.AGENT}), limits="staff_search")
HANDING_IN: Final = Access(PERSONAL | {Role.CHANNEL}, None, "assess")
"""Handing in what happened: about oneself, or by a channel's program about all of its readers."""


def signed_in(
    request: Request, parts: Parts, purpose: PurposeName | None, group: Group | None = None
) -> Visit:
    """Who calls, with their form checked and their token good for the purpose; raises what is wrong."""
    visit = visit_of(request, parts)
    if visit is None:
        raise NotSignedIn
    request.state.visit = visit
    _count(request, visit, group)
    if visit.session is not None:
        check_form(request, visit.session.form_token, identity_of(request).settings)
    if not visit.hats:
        raise NobodyHere
    if purpose is not None and purpose not in visit.purposes:
        raise ScopeRefused(f"{SCOPE_PREFIX}{purpose}")
    return visit


def admitted(
    request: Request,
    parts: Parts,
    visit: Visit,
    kind: SubjectKind,
    subject: str,
    roles: frozenset[Role] = PERSONAL,
    purpose: PurposeName | None = None,
) -> Actor:
    """The caller as somebody who may act for a subject; what anyone but the subject asks is recorded first.

    Raises UnknownSubject without ever looking whether the subject exists, and OtherHat where it is the
    caller's own other hat.
    """
    hat = visit.hat_for(kind, subject)
    if hat is None or hat.role not in roles:
        note_reach(request, parts, visit, purpose)
        raise UnknownSubject(subject)
    if visit.session is not None and visit.worn != hat:
        raise OtherHat(hat.key)
    if request.method not in SAFE and hat.role not in WRITING:
        raise RoleRefused
    with reading(parts.engine) as connection:
        actor = visit.actor(connection, hat)
    request.state.role = actor.role
    entry = _entry(request, visit, actor, purpose)
    if actor.is_subject:
        parts.views.note(entry)
    else:
        with writing(parts.engine) as connection:
            parts.audit.append(connection, entry)
    return actor


def reached(request: Request, parts: Parts, kind: SubjectKind, subject: str) -> Parts:
    """As `admitted`, for a subject that the request itself names: the parts as the caller may see them."""
    visit: Visit | None = getattr(request.state, "visit", None)
    if visit is None:
        raise NotSignedIn
    _count(request, visit)
    if "assess" not in visit.purposes:
        raise ScopeRefused(f"{SCOPE_PREFIX}assess")
    actor = admitted(request, parts, visit, kind, subject, PERSONAL, "assess")
    return see_as(request, parts, actor)


def see_as(request: Request, parts: Parts, actor: Actor) -> Parts:
    """Go on as an actor, with the parts as far as they may see."""
    request.state.actor, request.state.parts = actor, seen_by(parts, actor)
    seen: Parts = request.state.parts
    return seen


def reached_all(request: Request, parts: Parts, subjects: set[str]) -> None:
    """Let in who hands in what subjects did: a channel for all, anybody else for those they act for."""
    visit = visitor_of(request)
    if any(hat.role is Role.CHANNEL for hat in visit.hats):
        return
    kinds = {hat.subject: hat.kind for hat in visit.hats}
    for subject in sorted(subjects):
        admitted(
            request, parts, visit, kinds.get(subject) or SubjectKind.CITIZEN, subject, PERSONAL, "assess"
        )


def actor_of(request: Request) -> Actor:
    """The actor that the route's access let in."""
    actor: Actor = request.state.actor
    return actor


def visitor_of(request: Request) -> Visit:
    """The visit that the route's access let in."""
    visit: Visit = request.state.visit
    return visit


def maybe_visitor_of(request: Request) -> Visit | None:
    """The visit of a public route; None for nobody."""
    visit: Visit | None = request.state.visit
    return visit


MaybeVisit = Annotated[Visit | None, Depends(maybe_visitor_of)]
CurrentActor = Annotated[Actor, Depends(actor_of)]
CurrentVisit = Annotated[Visit, Depends(visitor_of)]


def _whoever(request: Request, parts: Parts) -> Visit | None:
    """Who calls a public route: a token that is not believed is nobody's."""
    try:
        return visit_of(request, parts)
    except TokenRefused:
        return None


def _count(request: Request, visit: Visit, group: Group | None = None) -> None:
    """Count the request by who calls. Raises TooManyRequests, LimitsUnknown."""
    limits: RateLimits = request.app.state.limits
    limits.check(group or group_of(request.url.path), "caller", visit.login.id)


def _entry(request: Request, visit: Visit, actor: Actor, purpose: PurposeName | None) -> AuditEntry:
    detail: dict[str, str | int] = {"route": route_of(request), "mode": actor.mode}
    if actor.ground is not None and visit.opened is not None:
        detail |= {"ground": actor.ground, "reason": visit.opened.reason}
    return AuditEntry(
        at=identity_of(request).wall(),
        role=actor.role,
        actor=visit.name,
        action="read" if request.method in SAFE else "change",
        subject=actor.subject,
        purpose=purpose,
        detail=detail,
    )
