"""Whether the server lives, whether it can answer and what is amiss, and the same for a monitor."""

from __future__ import annotations

import datetime as dt
import ipaddress
from typing import Final, Literal

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from catalog.vocabulary import SubjectKind
from serving.access import OpenParts
from serving.api.problems import problems
from serving.api.schema import AnswerSchema
from serving.degraded import Alarm
from serving.identity.access import OPERATORS, PUBLIC
from serving.identity.refusals import NobodyHere, NotSignedIn, RoleRefused, ScopeRefused, TokenRefused
from serving.metrics import RequestCounts, exposition
from serving.parts import Parts

router = APIRouter(tags=["status"])

ACCESS = {
    True: "Development: anybody may sign in as anybody; the server binds to loopback only.",
    False: "Signed in through the issuer.",
}
"""What keeps people out, by whether the embedded issuer lets them in."""
PASSED_ON: Final = ("forwarded", "via", "x-forwarded-for", "x-real-ip")
"""Headers by which a proxy shows: then loopback says nothing of who asks."""
REFUSED: Final = (NobodyHere, NotSignedIn, RoleRefused, ScopeRefused, TokenRefused)
METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


class HealthSchema(AnswerSchema):
    """The process answers."""

    status: Literal["ok"]
    access: str


class TroubleSchema(AnswerSchema):
    """One thing that is amiss."""

    code: str
    alarm: Alarm
    told_on_pages: bool
    detail: str


class ReadySchema(AnswerSchema):
    """The stores answer; with which catalogue, for which day, in which order, and what is amiss."""

    status: Literal["ready", "degraded"]
    degraded: list[TroubleSchema]
    pushing_allowed: bool
    on: dt.date
    catalogue_version: str
    ordered_by: dict[SubjectKind, str]
    """`rules`, or the models that order the pages of such subjects."""
    models_refused: list[str]
    models_trained_to: dict[str, dt.date]
    features_at: dt.datetime | None
    """Up to when the register data go; null where it was not noted."""
    access: str


@router.get("/health", response_model=HealthSchema, responses=problems(), dependencies=[PUBLIC.needed])
def health(parts: OpenParts) -> HealthSchema:
    """Whether the process answers."""
    return HealthSchema(status="ok", access=ACCESS[parts.settings.own_issuer])


@router.get("/ready", response_model=ReadySchema, responses=problems(), dependencies=[PUBLIC.needed])
@router.get("/health/ready", include_in_schema=False, dependencies=[PUBLIC.needed])
def ready(parts: OpenParts) -> ReadySchema:
    """Whether the records answer, and what is amiss; 503 with the reason when they do not."""
    parts.check()
    troubles = [
        TroubleSchema(
            code=trouble.code,
            alarm=trouble.consequence.alarm,
            told_on_pages=trouble.consequence.page,
            detail=trouble.detail,
        )
        for trouble in parts.condition.troubles
    ]
    return ReadySchema(
        status="degraded" if troubles else "ready",
        degraded=troubles,
        pushing_allowed=parts.condition.pushes,
        on=parts.desk.clock.on(),
        catalogue_version=parts.catalogue.version,
        ordered_by={kind: _ordered_by(parts, kind) for kind in SubjectKind},
        models_refused=list(parts.refused),
        models_trained_to=dict(parts.watch.seen.models_trained_to),
        features_at=parts.watch.seen.features_at,
        access=ACCESS[parts.settings.own_issuer],
    )


@router.get("/metrics", include_in_schema=False, dependencies=[PUBLIC.needed])
def metrics(request: Request, parts: OpenParts) -> Response:
    """What a monitor reads: for whoever asks from this very machine, and for operators; else not there."""
    if not _from_this_machine(request):
        try:
            OPERATORS.admit(request)
        except REFUSED as refused:
            raise HTTPException(404) from refused
    counts: RequestCounts = request.app.state.counts
    return PlainTextResponse(exposition(parts, counts), media_type=METRICS_TYPE)


def _from_this_machine(request: Request) -> bool:
    if request.client is None or any(name in request.headers for name in PASSED_ON):
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _ordered_by(parts: Parts, kind: SubjectKind) -> str:
    learned = parts.desk.learned
    return learned.ordered_by(kind) if learned is not None and learned.ranks(kind) else "rules"
