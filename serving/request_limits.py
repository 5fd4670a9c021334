"""No address beyond a length is looked at, and no answer is waited for beyond a time."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.answers import answer
from serving.overload import TooSlow

LONGEST_ADDRESS: Final = 4096
"""Bytes of path and query together."""
WITHIN: Final = 30.0
"""Seconds until an answer begins; what then streams may take longer."""

logger = logging.getLogger("qianmian.request")


class RequestLimits:
    """Refuses long addresses; answers for a handler that does not, and leaves it to end by itself."""

    def __init__(self, app: ASGIApp, within: float = WITHIN) -> None:
        self._app, self._within = app, within

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its time counted."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > LONGEST_ADDRESS:
            response = await answer(Request(scope), HTTPException(414))
            await response(scope, receive, send)
            return
        await _Timed(self._app, scope, receive, send).run(self._within)


class _Timed:
    """One request. A handler in a worker thread cannot be stopped, so it must not be waited for either."""

    def __init__(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        self._app, self._scope, self._receive, self._send = app, scope, receive, send
        self._began = asyncio.Event()
        self._given_up = False

    async def run(self, within: float) -> None:
        handler = asyncio.ensure_future(self._app(self._scope, self._receive, self._guarded))
        began = asyncio.create_task(self._began.wait())
        try:
            await asyncio.wait({handler, began}, timeout=within, return_when=asyncio.FIRST_COMPLETED)
            if self._began.is_set() or handler.done():
                await handler
                return
            self._given_up = True
            handler.add_done_callback(_ended_late)
            handler.cancel()
            response = await answer(Request(self._scope), TooSlow())
            await response(self._scope, self._receive, self._send)
        finally:
            began.cancel()
            if not self._given_up:
                handler.cancel()

    async def _guarded(self, message: Message) -> None:
        if self._given_up:
            return
        self._began.set()
        await self._send(message)


def _ended_late(handler: asyncio.Future[None]) -> None:
    # What it ended in has nobody left to be told to; reading it keeps the loop from telling it.
    failed = not handler.cancelled() and handler.exception() is not None
    logger.warning("a handler ended after its answer was given up%s", " and failed" if failed else "")
