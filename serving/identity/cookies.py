"""The two cookies of a browser: of its session, and of a sign-in under way. Neither outlives the browser."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from serving.settings import ServingSettings

SESSION = "qianmian_session"
SIGN_IN = "qianmian_sign_in"
SIGN_IN_SECONDS = 600


def session_secret(request: Request, settings: ServingSettings) -> str | None:
    """What the browser's session is found by."""
    return request.cookies.get(_name(SESSION, settings))


def sign_in_secret(request: Request, settings: ServingSettings) -> str | None:
    """What ties a sign-in to the browser that began it."""
    return request.cookies.get(_name(SIGN_IN, settings))


def keep_session(response: Response, secret: str, settings: ServingSettings) -> None:
    """Hand the browser its session's secret."""
    _keep(response, SESSION, secret, settings, None)


def keep_sign_in(response: Response, secret: str, settings: ServingSettings) -> None:
    """Hand the browser the secret of its sign-in."""
    _keep(response, SIGN_IN, secret, settings, SIGN_IN_SECONDS)


def forget(response: Response, settings: ServingSettings) -> None:
    """Take both back."""
    for name in (SESSION, SIGN_IN):
        response.delete_cookie(
            _name(name, settings), path="/", secure=_secure(settings), httponly=True, samesite="lax"
        )


def forget_sign_in(response: Response, settings: ServingSettings) -> None:
    """Take back the secret of a sign-in that is over."""
    name = _name(SIGN_IN, settings)
    response.delete_cookie(name, path="/", secure=_secure(settings), httponly=True, samesite="lax")


def _keep(response: Response, name: str, secret: str, settings: ServingSettings, seconds: int | None) -> None:
    response.set_cookie(
        _name(name, settings),
        secret,
        max_age=seconds,
        path="/",
        secure=_secure(settings),
        httponly=True,
        samesite="lax",
    )


def _name(name: str, settings: ServingSettings) -> str:
    """Under https the prefix keeps the cookie to this very host, and to https."""
    return f"__Host-{name}" if _secure(settings) else name


def _secure(settings: ServingSettings) -> bool:
    return settings.address.startswith("https://")
