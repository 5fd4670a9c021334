"""Only who asks for this machine by its own name is answered.

A server on loopback can still be reached by a page of another origin whose name was made to point here;
such a request names a foreign host, and with no access control that name is all that gives it away.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.answers import answer

MISDIRECTED = 421


class OwnHostOnly:
    """Refuses requests addressed to any host that is not loopback."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is addressed to this machine."""
        if scope["type"] == "http" and not is_own(Headers(scope=scope).get("host", "")):
            response = await answer(Request(scope), HTTPException(MISDIRECTED))
            await response(scope, receive, send)
            return
        await self._app(scope, receive, send)


def is_own(host: str) -> bool:
    """Whether a Host header names loopback, with or without a port."""
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        return False
    if name is None:
        return False
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
