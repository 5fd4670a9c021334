"""Invitations for programs: both lists, answers, and for operators what became of what was proposed."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException
from sqlalchemy import select
from starlette.requests import Request

from catalog.vocabulary import SubjectKind
from records.audit import AuditEntry
from records.database import reading, writing
from records.settings import moment_of_writing
from records.tables import invitation_report
from serving.access import Id, OpenParts
from serving.api.homepage_schemas import EntrySchema
from serving.api.invitation_schemas import (
    InvitationAnswerSchema,
    InvitationReportSchema,
    InvitationSchema,
    InvitationsSchema,
)
from serving.api.problems import problems
from serving.identity.access import (
    OPERATORS,
    REMINDED_CITIZEN,
    REMINDED_ENTERPRISE,
    visitor_of,
)
from serving.invitations import answer_for, lists_of
from serving.parts import Parts

router = APIRouter(prefix="/v1", tags=["invitations"])


@router.get(
    "/citizens/{id}/invitations",
    response_model=InvitationsSchema,
    responses=problems(404),
    dependencies=[REMINDED_CITIZEN.needed],
)
def citizen_invitations(id: Id, parts: OpenParts) -> InvitationsSchema:
    """What is proposed to a citizen, what they agreed on, and the duties in window."""
    return _lists(parts, SubjectKind.CITIZEN, id)


@router.get(
    "/enterprises/{id}/invitations",
    response_model=InvitationsSchema,
    responses=problems(404),
    dependencies=[REMINDED_ENTERPRISE.needed],
)
def enterprise_invitations(id: Id, parts: OpenParts) -> InvitationsSchema:
    """What is proposed to an enterprise, what it agreed on, and the duties in window."""
    return _lists(parts, SubjectKind.ENTERPRISE, id)


@router.post(
    "/citizens/{id}/invitations/{invitation}/answer",
    response_model=InvitationSchema,
    responses=problems(400, 404, 409, 413),
    dependencies=[REMINDED_CITIZEN.needed],
)
def answer_as_citizen(
    id: Id, invitation: int, body: InvitationAnswerSchema, parts: OpenParts
) -> InvitationSchema:
    """Accept with one's own day, postpone, decline, or say it is done. The same answer again is one."""
    return _answer(parts, id, invitation, body)


@router.post(
    "/enterprises/{id}/invitations/{invitation}/answer",
    response_model=InvitationSchema,
    responses=problems(400, 404, 409, 413),
    dependencies=[REMINDED_ENTERPRISE.needed],
)
def answer_as_enterprise(
    id: Id, invitation: int, body: InvitationAnswerSchema, parts: OpenParts
) -> InvitationSchema:
    """Accept with one's own day, postpone, decline, or say it is done. The same answer again is one."""
    return _answer(parts, id, invitation, body)


@router.get(
    "/invitations/report",
    response_model=InvitationReportSchema,
    responses=problems(404),
    dependencies=[OPERATORS.needed],
)
def report(request: Request, parts: OpenParts) -> InvitationReportSchema:
    """预约用户服务成功率, as `qianmian invite report` counted it last; small counts are left out of it."""
    with writing(parts.engine) as connection:
        entry = AuditEntry(
            at=moment_of_writing(parts.settings),
            role="operator",
            actor=visitor_of(request).name,
            action="invitations.report",
            purpose="aggregate",
        )
        parts.audit.append(connection, entry)
    with reading(parts.engine) as connection:
        latest = select(invitation_report).order_by(invitation_report.c.on.desc()).limit(1)
        row = connection.execute(latest).first()
    if row is None:
        raise HTTPException(404)  # nothing was counted yet: `qianmian invite report` does
    return InvitationReportSchema(on=row.on, made_at=row.made_at, all=row.report["all"], by=row.report["by"])


def _lists(parts: Parts, kind: SubjectKind, id: str) -> InvitationsSchema:
    known = parts.desk.known(kind, id)
    found, catalogue = lists_of(parts, known), parts.catalogue
    return InvitationsSchema(
        on=found.on,
        catalogue_version=catalogue.version,
        subject=id,
        candidates=[InvitationSchema.of(one, catalogue) for one in found.candidates],
        agreed=[InvitationSchema.of(one, catalogue) for one in found.agreed],
        duties=[EntrySchema.of(entry, catalogue) for entry in found.duties],
    )


def _answer(parts: Parts, id: str, invitation: int, body: InvitationAnswerSchema) -> InvitationSchema:
    given = body.read(moment_of_writing(parts.settings))
    return InvitationSchema.of(answer_for(parts, id, invitation, given), parts.catalogue)
