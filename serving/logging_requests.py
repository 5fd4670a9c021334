"""One line a request: method, route template, status, time. Never a path, a query, a header or a body."""

from __future__ import annotations

import logging
import secrets
from time import perf_counter
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID: Final = "Request-Id"
NO_ROUTE: Final = "none"
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

logger = logging.getLogger("qianmian.request")


class RequestLog:
    """Writes the line when the answer is out, and hands the caller the number to ask about it by."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and write its line, whatever becomes of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        number, began = secrets.token_hex(8), perf_counter()
        status, size = 0, 0

        async def noted(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = number
            size += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception:
            status = status or 500
            raise
        finally:
            seconds = perf_counter() - began
            scope["app"].state.counts.count(method_of(scope), route_of(scope), status, seconds)
            said = {
                "request": number,
                "method": method_of(scope),
                "route": route_of(scope),
                "status": status,
                "milliseconds": round(seconds * 1000, 1),
                "bytes": size,
                **_noted(scope),
            }
            logger.info("answered", extra=said)


def method_of(scope: Scope) -> str:
    """The method; any word may stand where one should."""
    return scope["method"] if scope["method"] in _METHODS else "other"


def route_of(scope: Scope) -> str:
    """The template of the route that answers: it names no subject."""
    route = scope.get("route")
    path = getattr(route, "path", None)
    return path if isinstance(path, str) else NO_ROUTE


def _noted(scope: Scope) -> dict[str, str]:
    state = scope.get("state") or {}
    found = {name: state.get(name) for name in ("problem", "role")}
    return {name: str(value) for name, value in found.items() if value is not None}
