"""Signing out, changing hats, and the start page of a kiosk."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import urlencode

from anyio import from_thread
from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from records.audit import AuditEntry
from records.database import writing
from records.sessions import change_hat, end_session
from serving.access import OpenParts
from serving.errors import Fault, InvalidRequest
from serving.identity.access import PUBLIC, SIGNED_IN, CurrentVisit
from serving.identity.cookies import forget, keep_session, session_secret
from serving.identity.desk import IdentityDesk, identity_of
from serving.identity.home import home_of
from serving.identity.local_paths import is_local
from serving.identity.signed_out import signed_out_page
from serving.parts import Parts

router = APIRouter(include_in_schema=False)

CLEAR: Final = '"cache", "cookies", "storage"'
"""Everything a browser may have kept."""


@router.post("/logout", dependencies=[SIGNED_IN.needed])
def logout(request: Request, parts: OpenParts, visit: CurrentVisit) -> Response:
    """End the session here, and lead on to ending the one at the issuer."""
    desk = identity_of(request)
    _end(request, desk, parts)
    endpoints = from_thread.run(desk.provider.endpoints)
    there = None
    if endpoints.end_session is not None:
        back = {
            "client_id": desk.settings.client_id,
            "post_logout_redirect_uri": f"{desk.settings.address}/signed-out",
        }
        there = f"{endpoints.end_session}?{urlencode(back)}"
    response = signed_out_page(request, there)
    forget(response, desk.settings)
    response.headers["Clear-Site-Data"] = CLEAR if visit.mode == "kiosk" else '"cache"'
    return response


@router.get("/signed-out", dependencies=[PUBLIC.needed])
def signed_out(request: Request) -> Response:
    """Nobody is signed in any more."""
    return signed_out_page(request, None)


@router.get("/kiosk", dependencies=[PUBLIC.needed])
def kiosk(request: Request, parts: OpenParts) -> Response:
    """The start page of a kiosk: whoever was there before is gone, and nothing of theirs is left."""
    desk = identity_of(request)
    _end(request, desk, parts)
    response = signed_out_page(request, None, kiosk=True)
    forget(response, desk.settings)
    response.headers["Clear-Site-Data"] = CLEAR
    return response


@router.post("/hat", dependencies=[SIGNED_IN.needed])
def hat(
    request: Request,
    parts: OpenParts,
    visit: CurrentVisit,
    hat: Annotated[str, Form(max_length=2000)],
    going_on: Annotated[str | None, Form(alias="next", max_length=2000)] = None,
) -> Response:
    """Put on another of the login's own hats; the session goes on under a new secret."""
    desk = identity_of(request)
    chosen = next((one for one in visit.hats if one.key == hat), None)
    if chosen is None or visit.session is None:
        raise InvalidRequest(Fault("/body/hat", "not one of yours"))
    if going_on is not None and not is_local(going_on):
        raise InvalidRequest(Fault("/body/next", "name a path of this server"))
    with writing(parts.engine) as connection:
        secret = change_hat(connection, visit.session, chosen.key, desk.wall())
        entry = AuditEntry(
            at=desk.wall(), role=chosen.role, actor=visit.name, action="hat", subject=chosen.subject
        )
        parts.audit.append(connection, entry)
    response = RedirectResponse(going_on or home_of(chosen), 303)
    keep_session(response, secret, desk.settings)
    return response


def _end(request: Request, desk: IdentityDesk, parts: Parts) -> None:
    secret = session_secret(request, desk.settings)
    if secret is None:
        return
    with writing(parts.engine) as connection:
        login_id = end_session(connection, secret)
        if login_id is not None:
            entry = AuditEntry(at=desk.wall(), role="nobody", actor=login_id, action="sign-out")
            parts.audit.append(connection, entry)
