"""Where somebody signed in sees as whom they can act, and who may act for them."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from records.sessions import HANDLE_LENGTH
from serving.access import OpenParts
from serving.errors import Fault, InvalidRequest
from serving.identity.access import SIGNED_IN, CurrentVisit
from serving.identity.account_page import account_page
from serving.identity.desk import identity_of
from serving.identity.own_sessions import end_one, end_others

router = APIRouter(include_in_schema=False)
SESSIONS: Final = "/account#sessions"


@router.get("/account", dependencies=[SIGNED_IN.needed])
def account(request: Request, parts: OpenParts, visit: CurrentVisit) -> Response:
    """The roles of the login."""
    return account_page(request, parts, visit)


@router.post("/account/sessions/end", dependencies=[SIGNED_IN.needed])
def end_session(
    request: Request,
    parts: OpenParts,
    visit: CurrentVisit,
    handle: Annotated[str, Form(min_length=HANDLE_LENGTH, max_length=HANDLE_LENGTH)],
) -> Response:
    """Sign out one of the login's own browsers."""
    if not end_one(parts, identity_of(request), visit, handle):
        raise InvalidRequest(Fault("/body/handle", "none of your sessions"))
    return RedirectResponse(SESSIONS, 303)


@router.post("/account/sessions/end-others", dependencies=[SIGNED_IN.needed])
def end_other_sessions(request: Request, parts: OpenParts, visit: CurrentVisit) -> Response:
    """Sign out all of the login's browsers but this one."""
    end_others(parts, identity_of(request), visit)
    return RedirectResponse(SESSIONS, 303)
