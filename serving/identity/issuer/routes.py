"""The embedded issuer's endpoints: discovery, keys, the persona picker, tokens, and the end of a session."""

from __future__ import annotations

from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from records.database import reading, writing
from serving.access import OpenParts
from serving.errors import Fault, InvalidRequest
from serving.identity.access import PUBLIC
from serving.identity.desk import identity_of
from serving.identity.forms import check_origin
from serving.identity.issuer.codes import Authorization, Codes
from serving.identity.issuer.personas import ensure_appointed, persona_of
from serving.identity.issuer.picker import Asked, picker_page
from serving.identity.issuer.signing import ALGORITHM, Signing
from serving.settings import OWN_CLIENT, OWN_ISSUER_PATH, ServingSettings

PROGRAMS: Final = "qianmian-programs"
"""The client of programs that want a token for the API: they catch the code at an address nobody serves."""
NO_STORE: Final = {"Cache-Control": "no-store"}
Text = Annotated[str | None, Query(max_length=2000)]


def redirect_uris(settings: ServingSettings) -> dict[str, str]:
    """The one address each client is sent back to."""
    return {
        OWN_CLIENT: f"{settings.address}/login/callback",
        PROGRAMS: f"{settings.address}{OWN_ISSUER_PATH}/code",
    }


def issuer_router(signing: Signing) -> APIRouter:
    """An issuer with this key, and with codes of its own."""
    router, codes = APIRouter(prefix=OWN_ISSUER_PATH, include_in_schema=False), Codes()

    @router.get("/.well-known/openid-configuration", dependencies=[PUBLIC.needed])
    def discovery(request: Request) -> Response:
        """What the issuer says of itself."""
        return JSONResponse(_description(identity_of(request).settings), headers=NO_STORE)

    @router.get("/keys", dependencies=[PUBLIC.needed])
    def keys() -> Response:
        """The public keys."""
        return JSONResponse(signing.public_keys(), headers=NO_STORE)

    @router.get("/authorize", dependencies=[PUBLIC.needed])
    def authorize(request: Request, parts: OpenParts, login_hint: Text = None) -> Response:
        """Ask as whom to sign in."""
        asked = _asked(dict(request.query_params), identity_of(request).settings)
        return picker_page(request, parts, asked, login_hint)

    @router.post("/authorize", dependencies=[PUBLIC.needed])
    async def agree(request: Request) -> Response:
        """Sign in as the persona that was picked, and send the reader back with a code."""
        form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
        return _agreed(request, form, codes)

    @router.post("/token", dependencies=[PUBLIC.needed])
    def token(
        request: Request,
        grant_type: Annotated[str, Form(max_length=100)] = "",
        code: Annotated[str, Form(max_length=2000)] = "",
        redirect_uri: Annotated[str, Form(max_length=2000)] = "",
        client_id: Annotated[str, Form(max_length=200)] = "",
        code_verifier: Annotated[str, Form(max_length=200)] = "",
    ) -> Response:
        """Tokens for a code, once, to whoever knows the verifier."""
        desk = identity_of(request)
        if grant_type != "authorization_code":
            return _refused("unsupported_grant_type")
        agreed = codes.take(code, client_id, redirect_uri, code_verifier, desk.wall())
        if agreed is None:
            return _refused("invalid_grant")
        return JSONResponse(signing.tokens(agreed, desk.settings, desk.wall()), headers=NO_STORE)

    @router.get("/end-session", dependencies=[PUBLIC.needed])
    def end_session(request: Request, post_logout_redirect_uri: Text = None) -> Response:
        """The issuer keeps no session of its own, so there is nothing to end: back to where it came from."""
        back = f"{identity_of(request).settings.address}/signed-out"
        if post_logout_redirect_uri not in (None, back):
            raise InvalidRequest(Fault("/query/post_logout_redirect_uri", "not an address of this client"))
        return RedirectResponse(back, 303)

    return router


def _agreed(request: Request, form: dict[str, str], codes: Codes) -> Response:
    desk = identity_of(request)
    check_origin(request, desk.settings)
    asked, parts = _asked(form, desk.settings), request.app.state.parts
    key = form.get("persona") or form.get("persona_typed") or ""
    with reading(parts.engine) as connection:
        persona = persona_of(connection, key)
    if persona is None:
        raise InvalidRequest(Fault("/body/persona", "nobody is called that"))
    if persona.office is not None:
        with writing(parts.engine) as connection:
            ensure_appointed(connection, persona, desk, parts)
    code = codes.make(
        Authorization(
            client=asked.client_id,
            redirect_uri=asked.redirect_uri,
            challenge=asked.code_challenge,
            nonce=asked.nonce,
            scope=asked.scope,
            name=persona.key,
            subject=persona.subject,
            made_at=desk.wall(),
        )
    )
    back = {"code": code, "iss": desk.settings.issuer} | ({"state": asked.state} if asked.state else {})
    return RedirectResponse(f"{asked.redirect_uri}?{urlencode(back)}", 303)


def _asked(given: dict[str, str], settings: ServingSettings) -> Asked:
    """An authorization request, if it is one we answer; all its faults at once."""
    faults = []
    uri = redirect_uris(settings).get(given.get("client_id", ""))
    if uri is None:
        faults.append(Fault("/client_id", "no client of this issuer"))
    elif given.get("redirect_uri") != uri:
        faults.append(Fault("/redirect_uri", "not the address of this client, to the letter"))
    if given.get("response_type") != "code":
        faults.append(Fault("/response_type", "only code is known here"))
    if given.get("code_challenge_method") != "S256" or not given.get("code_challenge"):
        faults.append(Fault("/code_challenge", "send an S256 challenge"))
    if "openid" not in given.get("scope", "").split():
        faults.append(Fault("/scope", "ask for openid at least"))
    if faults:
        raise InvalidRequest(*faults)
    return Asked(**{name: given.get(name) for name in Asked.__dataclass_fields__})  # type: ignore[arg-type]


def _refused(error: str) -> Response:
    return JSONResponse({"error": error}, 400, NO_STORE)


def _description(settings: ServingSettings) -> dict[str, Any]:
    return {
        "issuer": settings.issuer,
        "authorization_endpoint": f"{settings.issuer}/authorize",
        "token_endpoint": f"{settings.issuer}/token",
        "jwks_uri": f"{settings.issuer}/keys",
        "end_session_endpoint": f"{settings.issuer}/end-session",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none"],
        "authorization_response_iss_parameter_supported": True,
    }
