"""Where operators, data scientists and auditors begin: none of these pages is about anybody."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from records.audit import AuditEntry
from records.database import reading, writing
from serving.access import OpenParts
from serving.identity.access import AUDITORS, DATA_SCIENTISTS, OPERATORS, CurrentVisit
from serving.identity.actor import Role
from serving.identity.desk import identity_of
from serving.identity.home import HOMES
from serving.pages.office_context import ROWS, auditing, modelling, office_context, operating
from serving.pages.page import page
from serving.reader import words_of

router = APIRouter(include_in_schema=False)


@router.get(HOMES[Role.OPERATOR], dependencies=[OPERATORS.needed])
def operator(request: Request, parts: OpenParts) -> Response:
    """What an operator may do, what is amiss, and what waits."""
    figures = operating(parts, words_of(request))
    return page(request, "office", office_context(request, parts, Role.OPERATOR, figures, None))


@router.get(HOMES[Role.DATA_SCIENTIST], dependencies=[DATA_SCIENTISTS.needed])
def data_scientist(request: Request, parts: OpenParts) -> Response:
    """What a data scientist may do, and which models are in force."""
    figures = modelling(parts, words_of(request))
    return page(request, "office", office_context(request, parts, Role.DATA_SCIENTIST, figures, None))


@router.get(HOMES[Role.AUDITOR], dependencies=[AUDITORS.needed])
def auditor(request: Request, parts: OpenParts, visit: CurrentVisit) -> Response:
    """What an auditor may do, and the latest rows of the audit: whoever reads it is in it first."""
    entry = AuditEntry(
        at=identity_of(request).wall(),
        role=Role.AUDITOR,
        actor=visit.name,
        action="audit.shown",
        detail={"rows": ROWS},
    )
    with writing(parts.engine) as connection:
        parts.audit.append(connection, entry)
    with reading(parts.engine) as connection:
        figures, rows = auditing(connection, words_of(request))
    return page(request, "office", office_context(request, parts, Role.AUDITOR, figures, rows))
