"""Only who asks for this server by its own name is answered.

A server can be reached by a page of another origin whose name was made to point here; such a request names
a foreign host, and nothing of ours is told to it.
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
PROBED = ("/health", "/ready")


class OwnHostOnly:
    """Refuses requests addressed to any host but the public address's; without one, but loopback."""

    def __init__(self, app: ASGIApp, address: str | None = None) -> None:
        self._app = app
        self._host = None if address is None else urlsplit(address).netloc

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is addressed to this server; a probe of this very machine may ask for its health."""
        if scope["type"] == "http" and not self._is_ours(Headers(scope=scope).get("host", ""), scope["path"]):
            response = await answer(Request(scope), HTTPException(MISDIRECTED))
            await response(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_ours(self, host: str, path: str) -> bool:
        if self._host is None:
            return is_own(host)
        return host == self._host or (path in PROBED and is_own(host))


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
