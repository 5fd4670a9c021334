"""Whether the server lives, and whether it can answer."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from fastapi import APIRouter

from catalog.vocabulary import SubjectKind
from serving.access import OpenParts
from serving.api.problems import problems
from serving.api.schema import AnswerSchema
from serving.identity.access import PUBLIC
from serving.parts import Parts

router = APIRouter(tags=["status"])

ACCESS = {
    True: "Development: anybody may sign in as anybody; the server binds to loopback only.",
    False: "Signed in through the issuer.",
}
"""What keeps people out, by whether the embedded issuer lets them in."""


class HealthSchema(AnswerSchema):
    """The process answers."""

    status: Literal["ok"]
    access: str


class ReadySchema(AnswerSchema):
    """The stores answer; with which catalogue, for which day, in which order."""

    status: Literal["ready"]
    on: dt.date
    catalogue_version: str
    ordered_by: dict[SubjectKind, str]
    """`rules`, or the models that order the pages of such subjects."""
    models_refused: list[str]
    access: str


@router.get("/health", response_model=HealthSchema, responses=problems(), dependencies=[PUBLIC.needed])
def health(parts: OpenParts) -> HealthSchema:
    """Whether the process answers."""
    return HealthSchema(status="ok", access=ACCESS[parts.settings.own_issuer])


@router.get("/ready", response_model=ReadySchema, responses=problems(), dependencies=[PUBLIC.needed])
def ready(parts: OpenParts) -> ReadySchema:
    """Whether the records and the feature store answer; 503 with the reason when they do not."""
    parts.check()
    return ReadySchema(
        status="ready",
        on=parts.desk.clock.on(),
        catalogue_version=parts.catalogue.version,
        ordered_by={kind: _ordered_by(parts, kind) for kind in SubjectKind},
        models_refused=list(parts.refused),
        access=ACCESS[parts.settings.own_issuer],
    )


def _ordered_by(parts: Parts, kind: SubjectKind) -> str:
    learned = parts.desk.learned
    return learned.ordered_by(kind) if learned is not None and learned.ranks(kind) else "rules"
