"""What if: the homepage as it would be, were something otherwise. Nothing that is supposed is kept."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request

from catalog.vocabulary import SubjectKind
from serving.access import OpenParts
from serving.api.problems import problems
from serving.api.what_if_answer import Case, answer
from serving.api.what_if_reading import read_supposition
from serving.api.what_if_schemas import WhatIfRequestSchema, WhatIfSchema
from serving.identity.access import ABOUT_SOMEBODY, reached

router = APIRouter(prefix="/v1", tags=["what if"])


@router.post(
    "/what-if",
    response_model=WhatIfSchema,
    responses=problems(400, 404, 413),
    dependencies=[ABOUT_SOMEBODY.needed],
)
def what_if(asked: WhatIfRequestSchema, request: Request, parts: OpenParts) -> WhatIfSchema:
    """What would appear, disappear or change, and when, were something about a subject otherwise.

    The answer rests on what may be known of the subject to assess it, on what is supposed, and on the
    rules alone. Nothing is stored.
    """
    parts = reached(request, parts, SubjectKind(asked.kind), asked.subject)
    known = parts.desk.known(SubjectKind(asked.kind), asked.subject)
    supposition = read_supposition(asked, known.assess, parts.catalogue, known.judgement.on)
    return answer(Case(known.assess, known.judgement, parts), supposition)
