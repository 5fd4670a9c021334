"""Whether the server lives, and whether it can answer."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from fastapi import APIRouter

from serving.access import OpenParts
from serving.api.problems import problems
from serving.api.schema import AnswerSchema

router = APIRouter(tags=["status"])

ACCESS = "This version has no access control: the server binds to loopback only and must not be exposed."


class HealthSchema(AnswerSchema):
    """The process answers."""

    status: Literal["ok"]
    access: str


class ReadySchema(AnswerSchema):
    """The stores answer; with which catalogue, for which day, in which order."""

    status: Literal["ready"]
    on: dt.date
    catalogue_version: str
    ordered_by: str
    access: str


@router.get("/health", response_model=HealthSchema)
def health() -> HealthSchema:
    """Whether the process answers."""
    return HealthSchema(status="ok", access=ACCESS)


@router.get("/ready", response_model=ReadySchema, responses=problems())
def ready(parts: OpenParts) -> ReadySchema:
    """Whether the records and the feature store answer; 503 with the reason when they do not."""
    parts.check()
    return ReadySchema(
        status="ready",
        on=parts.desk.clock.on(),
        catalogue_version=parts.catalogue.version,
        ordered_by=parts.desk.ordered_by,
        access=ACCESS,
    )
