"""The button that begins a matter at the portal, and the way back from there."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.vocabulary import SubjectKind
from records.database import reading
from records.hand_overs import hand_over_with_id
from serving.access import Id, OpenParts
from serving.hand_over.starting import start
from serving.identity.access import OWN_CITIZEN, OWN_ENTERPRISE, SIGNED_IN, CurrentVisit
from serving.identity.home import home_of
from serving.pages.feedback_routes import Form

router = APIRouter(include_in_schema=False)


@router.post("/citizens/{id}/start", dependencies=[OWN_CITIZEN.needed])
def citizen_starts(request: Request, id: Id, parts: OpenParts, form: Form) -> Response:
    """Take a citizen's matter to the portal."""
    begun = start(request, parts, SubjectKind.CITIZEN, id, _matter(form))
    return RedirectResponse(begun.url, status_code=303)


@router.post("/enterprises/{id}/start", dependencies=[OWN_ENTERPRISE.needed])
def enterprise_starts(request: Request, id: Id, parts: OpenParts, form: Form) -> Response:
    """Take an enterprise's matter to the portal."""
    begun = start(request, parts, SubjectKind.ENTERPRISE, id, _matter(form))
    return RedirectResponse(begun.url, status_code=303)


@router.get("/hand-overs/{hand_over}/return", dependencies=[SIGNED_IN.needed])
def returned(hand_over: str, parts: OpenParts, visit: CurrentVisit) -> Response:
    """Back from the portal: to the page of whom it was about, if the reader wears that hat still."""
    with reading(parts.engine) as connection:
        one = hand_over_with_id(connection, hand_over)
    worn = visit.worn
    if worn is None:
        return RedirectResponse("/", 303)
    said = "?returned=1" if one is not None and one.subject == worn.subject else ""
    return RedirectResponse(f"{home_of(worn)}{said}", 303)


def _matter(form: dict[str, str]) -> tuple[str, str, str]:
    return form.get("item", ""), form.get("scope_item", ""), form.get("cycle", "")
