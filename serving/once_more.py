"""Asks once more what only reads, where the records' connection broke: a failover costs a moment, no page."""

from __future__ import annotations

from copy import copy
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

SAFE: Final = frozenset({"GET", "HEAD"})
LOST: Final = "records_lost"
"""Where, on a request's state, it is noted that a connection broke under it."""
SECOND: Final = "second_time"
"""Where it is noted that this is the second time, and the last."""


class OnceMore:
    """Holds back the answer to a read whose connection broke, and lets it be made again once."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, twice where the first answer fell to a broken connection."""
        if scope["type"] != "http" or scope["method"] not in SAFE:
            await self._app(scope, receive, send)
            return
        first = {**scope, "state": copy(scope.get("state") or {})}
        dropped = False

        async def unless_lost(message: Message) -> None:
            nonlocal dropped
            if message["type"] == "http.response.start":
                dropped = first["state"].get(LOST) is True
            if not dropped:
                await send(message)

        try:
            await self._app(first, receive, unless_lost)
        finally:
            # What layers further out read of the request.
            scope.update({name: value for name, value in first.items() if name not in scope})
            if not dropped:
                scope["state"] = first["state"]
        if dropped:
            scope["state"] = {**(scope.get("state") or {}), SECOND: True}
            await self._app(scope, receive, send)
