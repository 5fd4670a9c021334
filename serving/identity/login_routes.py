"""Signing in: to the issuer and back."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from typing import Annotated, Final
from urllib.parse import urlencode, urlsplit

from anyio import from_thread
from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from records.audit import AuditEntry
from records.database import writing
from records.sessions import (
    SignIn,
    begin_session,
    begin_sign_in,
    end_session,
    forget_ended,
    fresh_secret,
    take_sign_in,
)
from records.tables.vocabulary import SessionMode
from serving.access import OpenParts
from serving.errors import Fault, InvalidRequest
from serving.identity.access import PUBLIC
from serving.identity.accounts import login_for
from serving.identity.cookies import (
    forget_sign_in,
    keep_session,
    keep_sign_in,
    session_secret,
    sign_in_secret,
)
from serving.identity.desk import IdentityDesk, identity_of
from serving.identity.local_paths import is_local
from serving.identity.provider import CodeRefused
from serving.identity.refusals import SignInFailed, TokenRefused
from serving.identity.tokens import identity_claims, key_id
from serving.parts import Parts

router = APIRouter(include_in_schema=False)

CALLBACK: Final = "/login/callback"
ANSWERED_WITHIN: Final = dt.timedelta(minutes=10)
LONGEST_IDLE: Final = dt.timedelta(days=1)
Text = Annotated[str | None, Query(max_length=2000)]


@router.get("/login", dependencies=[PUBLIC.needed])
def login(
    request: Request,
    parts: OpenParts,
    next: Text = None,
    as_: Annotated[str | None, Query(alias="as", max_length=200)] = None,
    kiosk: bool = False,
) -> Response:
    """Send the reader to the issuer, and remember what was asked of it. `as` proposes somebody there."""
    desk = identity_of(request)
    going_on = next or "/"
    if not is_local(going_on):
        raise InvalidRequest(Fault("/query/next", "name a path of this server"))
    if request.url.hostname != urlsplit(desk.settings.address).hostname:
        # The cookie must be set where the issuer will send the reader back to.
        return RedirectResponse(f"{desk.settings.address}/login?{request.url.query}", 303)
    return _sent_to_issuer(desk, parts, going_on, "kiosk" if kiosk else "standard", as_)


@router.get(CALLBACK, dependencies=[PUBLIC.needed])
def callback(
    request: Request,
    parts: OpenParts,
    state: Text = None,
    code: Text = None,
    iss: Text = None,
    error: Text = None,
) -> Response:
    """Believe what the issuer says only if it answers what this browser asked; then begin a session."""
    desk, browser = identity_of(request), sign_in_secret(request, identity_of(request).settings)
    if state is None or browser is None:
        raise SignInFailed
    with writing(parts.engine) as connection:
        begun = take_sign_in(connection, state, browser, desk.wall() - ANSWERED_WITHIN)
    endpoints = from_thread.run(desk.provider.endpoints)
    misnamed = iss != desk.settings.issuer if endpoints.names_itself or iss is not None else False
    if begun is None or code is None or error is not None or misnamed:
        raise SignInFailed
    secret = _session_for(request, desk, parts, begun, code)
    response = RedirectResponse(begun.next, 303)
    forget_sign_in(response, desk.settings)
    keep_session(response, secret, desk.settings)
    return response


def _sent_to_issuer(
    desk: IdentityDesk, parts: Parts, going_on: str, mode: SessionMode, proposed: str | None
) -> Response:
    endpoints = from_thread.run(desk.provider.endpoints)
    state, browser, nonce, verifier = (fresh_secret() for _ in range(4))
    at = desk.wall()
    with writing(parts.engine) as connection:
        forget_ended(connection, at, LONGEST_IDLE, at - ANSWERED_WITHIN)
        begin_sign_in(connection, state, browser, SignIn(nonce, verifier, going_on, mode, at))
    asked = {
        "response_type": "code",
        "client_id": desk.settings.client_id,
        "redirect_uri": f"{desk.settings.address}{CALLBACK}",
        "scope": desk.settings.oidc_scope,
        "state": state,
        "nonce": nonce,
        "code_challenge": _challenge(verifier),
        "code_challenge_method": "S256",
    }
    if mode == "kiosk":
        asked["prompt"] = "login"
    if proposed is not None and desk.settings.own_issuer:
        asked["login_hint"] = proposed
    response = RedirectResponse(f"{endpoints.authorization}?{urlencode(asked)}", 303)
    keep_sign_in(response, browser, desk.settings)
    return response


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _session_for(request: Request, desk: IdentityDesk, parts: Parts, begun: SignIn, code: str) -> str:
    """Exchange the code, believe the identity token, and begin a session; any earlier one here ends."""
    settings = desk.settings
    try:
        token = from_thread.run(
            desk.provider.identity_token, code, begun.verifier, f"{settings.address}{CALLBACK}"
        )
        keys = from_thread.run(desk.provider.keys_for, key_id(token))
        claims = identity_claims(token, keys, settings.issuer, settings.client_id, begun.nonce, desk.wall())
    except (CodeRefused, TokenRefused) as error:
        raise SignInFailed from error
    known = login_for(claims, desk, parts)
    before = session_secret(request, settings)
    with writing(parts.engine) as connection:
        if before is not None:
            end_session(connection, before)
        secret, _ = begin_session(connection, known.id, begun.mode, desk.wall(), settings.limits[begun.mode])
        entry = AuditEntry(at=desk.wall(), role="nobody", actor=known.subject or known.id, action="sign-in")
        parts.audit.append(connection, entry)
    return secret
