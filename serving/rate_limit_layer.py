"""Counts every request by the address it comes from, before anything else is done with it."""

from __future__ import annotations

from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.answers import answer
from serving.overload import LimitsUnknown, TooManyRequests
from serving.rate_limits import RateLimits, group_of

UNCOUNTED: Final = ("/static/", "/health", "/ready")


class AddressLimit:
    """Refuses an address that asks too much; the limits are found on the application's state."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is within the limits."""
        if scope["type"] == "http" and not scope["path"].startswith(UNCOUNTED):
            limits: RateLimits = scope["app"].state.limits
            client = scope.get("client")
            try:
                await run_in_threadpool(
                    limits.check, group_of(scope["path"]), "address", client[0] if client else ""
                )
            except (TooManyRequests, LimitsUnknown) as error:
                response = await answer(Request(scope), error)
                await response(scope, receive, send)
                return
        await self._app(scope, receive, send)
