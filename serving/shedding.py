"""Keeps the server going under a rush: what is dear is turned away before what is cheap, and both in time.

Everything a subject is computed for is dear; pages and answers that are the same for all are cheap, and a
homepage that is turned away becomes the page for all. Some places are kept for readers in elder mode.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.answers import answer
from serving.overload import Shed
from serving.reader import mode_of

DEAR: Final = re.compile(r"/v1/(citizens|enterprises|assess|what-if)|/(citizens|enterprises)/")
UNCOUNTED: Final = ("/static/", "/health", "/ready", "/metrics")


@dataclass(frozen=True, slots=True)
class Room:
    """How many requests may be under way at once."""

    dear: int = 24
    elder: int = 8
    """Beside the others, for readers in elder mode."""
    cheap: int = 128
    """Of all together."""


class Shedding:
    """Counts what is under way in this process; runs on the event loop alone."""

    def __init__(self, app: ASGIApp, room: Room | None = None) -> None:
        self._app, self._room = app, room or Room()
        self._dear = self._all = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what there is room for."""
        if scope["type"] != "http" or scope["path"].startswith(UNCOUNTED) or _stays_open(scope):
            await self._app(scope, receive, send)
            return
        dear = DEAR.match(scope["path"]) is not None
        if not self._has_room(scope, dear):
            response = await answer(Request(scope), Shed())
            await response(scope, receive, send)
            return
        self._all += 1
        self._dear += dear
        try:
            await self._app(scope, receive, send)
        finally:
            self._all -= 1
            self._dear -= dear

    def _has_room(self, scope: Scope, dear: bool) -> bool:
        if not dear:
            return self._all < self._room.cheap
        elder = self._room.elder if mode_of(Request(scope)) == "elder" else 0
        return self._dear < self._room.dear + elder and self._all < self._room.cheap


def _stays_open(scope: Scope) -> bool:
    """A stream of messages waits far more than it works."""
    return str(scope["path"]).endswith("/stream")
