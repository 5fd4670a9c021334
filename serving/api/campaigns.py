"""Campaigns for operators: audiences counted, drafts, a second person's approval, stages, a stop, the funnel.

What is asked for here is worked on by `qianmian campaign work`; every call leaves its line in the audit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request

from catalog.audience import AudienceError, parse_audience
from privacy.aggregates import in_tens
from records.audience_previews import ask_preview, preview_with_id
from records.audit import AuditEntry
from records.audit_encoding import Scalar
from records.campaign_checks import check_draft
from records.campaigns import (
    all_campaigns,
    approve_campaign,
    campaign_with_id,
    draft_campaign,
    release_stage,
    stop_campaign,
)
from records.database import writing
from records.settings import moment_of_writing
from serving.access import Id, OpenParts
from serving.api.campaign_schemas import (
    AudienceSchema,
    CampaignSchema,
    CampaignsSchema,
    DraftSchema,
    FunnelSchema,
    PreviewSchema,
    StageSchema,
    StoppedSchema,
)
from serving.api.problems import problems
from serving.errors import Fault, InvalidRequest
from serving.identity.access import OPERATORS, visitor_of
from serving.identity.actor import Role
from serving.parts import Parts

router = APIRouter(prefix="/v1/campaigns", tags=["campaigns"])
_Result = TypeVar("_Result")


@router.post(
    "/previews",
    response_model=PreviewSchema,
    status_code=202,
    responses=problems(400, 409, 413),
    dependencies=[OPERATORS.needed],
)
def preview(body: AudienceSchema, request: Request, parts: OpenParts) -> PreviewSchema:
    """Ask how many are in an audience. Counts alone, and none that tells of a few, are told when counted."""
    try:
        parse_audience(body.audience, body.kind, parts.catalogue)
    except AudienceError as error:
        raise InvalidRequest(*(Fault("/body/audience", fault) for fault in error.faults)) from error
    at, by = moment_of_writing(parts.settings), _by(request)
    asked = _kept(request, parts, "preview", None, lambda c: ask_preview(c, body.kind, body.audience, by, at))
    return PreviewSchema.of(asked)


@router.get(
    "/previews/{id}", response_model=PreviewSchema, responses=problems(404), dependencies=[OPERATORS.needed]
)
def counted_preview(id: Id, request: Request, parts: OpenParts) -> PreviewSchema:
    """An audience that was asked for, with its count once there is one."""
    found = _kept(request, parts, "preview.read", id, lambda c: preview_with_id(c, id))
    return PreviewSchema.of(found)


@router.post(
    "",
    response_model=CampaignSchema,
    status_code=201,
    responses=problems(400, 409, 413),
    dependencies=[OPERATORS.needed],
)
def draft(body: DraftSchema, request: Request, parts: OpenParts) -> CampaignSchema:
    """Draft a campaign. Nothing is sent before somebody else has approved it."""
    made = body.draft()
    check_draft(made, parts.catalogue)
    at, by = moment_of_writing(parts.settings), _by(request)
    one = _kept(request, parts, "drafted", None, lambda c: draft_campaign(c, made, by, at))
    return CampaignSchema.of(one)


@router.get("", response_model=CampaignsSchema, responses=problems(), dependencies=[OPERATORS.needed])
def listed(request: Request, parts: OpenParts) -> CampaignsSchema:
    """Every campaign, the latest first."""
    found = _kept(request, parts, "listed", None, all_campaigns)
    return CampaignsSchema(campaigns=[CampaignSchema.of(one) for one in found])


@router.get("/{id}", response_model=CampaignSchema, responses=problems(404), dependencies=[OPERATORS.needed])
def one(id: Id, request: Request, parts: OpenParts) -> CampaignSchema:
    """One campaign as it stands."""
    return CampaignSchema.of(_kept(request, parts, "read", id, lambda c: campaign_with_id(c, id)))


@router.post(
    "/{id}/approval",
    response_model=CampaignSchema,
    responses=problems(404, 409),
    dependencies=[OPERATORS.needed],
)
def approve(id: Id, request: Request, parts: OpenParts) -> CampaignSchema:
    """Approve a draft that somebody else made and whose audience was counted in the last seven days."""
    at, by = moment_of_writing(parts.settings), _by(request)
    return CampaignSchema.of(_kept(request, parts, "approved", id, lambda c: approve_campaign(c, id, by, at)))


@router.post(
    "/{id}/stages",
    response_model=CampaignSchema,
    responses=problems(400, 404, 409, 413),
    dependencies=[OPERATORS.needed],
)
def release(id: Id, body: StageSchema, request: Request, parts: OpenParts) -> CampaignSchema:
    """Let the next stage be sent; one that is released already changes nothing."""
    return CampaignSchema.of(
        _kept(request, parts, "released", id, lambda c: release_stage(c, id, body.stage), stage=body.stage)
    )


@router.post(
    "/{id}/stop", response_model=StoppedSchema, responses=problems(404), dependencies=[OPERATORS.needed]
)
def stop(id: Id, request: Request, parts: OpenParts) -> StoppedSchema:
    """Stop a campaign at once: nothing more is told, and what waits to go out does not."""
    at, by = moment_of_writing(parts.settings), _by(request)
    stopped, cancelled = _kept(request, parts, "stopped", id, lambda c: stop_campaign(c, id, by, at))
    return StoppedSchema(campaign=CampaignSchema.of(stopped), cancelled=in_tens(cancelled) or None)


@router.get(
    "/{id}/funnel", response_model=FunnelSchema, responses=problems(404), dependencies=[OPERATORS.needed]
)
def funnel(id: Id, request: Request, parts: OpenParts) -> FunnelSchema:
    """What came of it so far: reached, opened, started, completed, unsubscribed, complained, uplift."""
    return FunnelSchema.of(_kept(request, parts, "funnel.read", id, lambda c: campaign_with_id(c, id)))


def _by(request: Request) -> str:
    """Who asks, as campaigns keep it: by login, so that one person is one however often they sign in."""
    return visitor_of(request).login.id


def _kept(
    request: Request,
    parts: Parts,
    action: str,
    campaign: str | None,
    work: Callable[[Connection], _Result],
    **said: Scalar,
) -> _Result:
    """Do it, with its line in the audit, in one transaction."""
    entry = AuditEntry(
        at=moment_of_writing(parts.settings),
        role=Role.OPERATOR,
        actor=visitor_of(request).name,
        action=f"campaign.{action}",
        purpose="aggregate",
        detail={**({"campaign": campaign} if campaign else {}), **said},
    )
    with writing(parts.engine) as connection:
        result = work(connection)
        parts.audit.append(connection, entry)
    return result
