"""Security headers on every answer: nothing but our own files, no frames, no sniffing, no referrer."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
STRICT_TRANSPORT: Final = {"Strict-Transport-Security": "max-age=63072000; includeSubDomains"}
"""Two years of https only. Never said in development: it would bind every port of localhost."""
PRIVATE: Final = "private, no-store"


def _policy(forms_to: str | None) -> dict[str, str]:
    """The policy on content, which lets forms lead to one other site where there is one."""
    if forms_to is None:
        return {}
    parts = urlsplit(forms_to)
    allowed = f"form-action 'self' {parts.scheme}://{parts.netloc};"
    return {"Content-Security-Policy": CONTENT_SECURITY_POLICY.replace("form-action 'self';", allowed)}


class SecurityHeaders:
    """Adds the headers; whatever is not a static file is private and not stored."""

    def __init__(self, app: ASGIApp, strict_transport: bool = False, forms_to: str | None = None) -> None:
        """`forms_to` is where else a form of ours may lead: the portal that hand-overs go to."""
        self._app = app
        self._headers = HEADERS | (STRICT_TRANSPORT if strict_transport else {}) | _policy(forms_to)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and dress its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                if not scope["path"].startswith("/static/"):
                    headers.setdefault("Cache-Control", PRIVATE)
            await send(message)

        await self._app(scope, receive, dressed)
