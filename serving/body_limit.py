"""No request body beyond a size, a time and a depth is read; the refusal is a problem like any other."""

from __future__ import annotations

import asyncio
import re
from time import monotonic
from typing import Final

import numpy as np
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.answers import answer

WITHIN: Final = 20.0
"""Seconds for a whole body to arrive."""
DEEPEST: Final = 32
"""How far the arrays and objects of a JSON body may lie within each other."""
_TEXT: Final = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)


class BodyLimit:
    """Refuses what announces itself as too large; stops reading what turns out to be, or takes too long."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app, self._most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its body counted."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isdecimal() or int(announced) > self._most:
            response = await answer(Request(scope), HTTPException(413))
            await response(scope, receive, send)
            return
        await self._app(scope, self._counting(receive), send)

    def _counting(self, receive: Receive) -> Receive:
        read, json_depth = 0, Depth()
        until = monotonic() + WITHIN
        whole = False

        async def counted() -> Message:
            nonlocal read, whole
            if whole:  # what comes after the body is only whether the caller is still there
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), until - monotonic())
            except TimeoutError as error:
                raise HTTPException(408) from error
            body = message.get("body", b"")
            read += len(body)
            whole = not message.get("more_body", False)
            if read > self._most:
                raise HTTPException(413)
            if json_depth.after(body) > DEEPEST:
                raise HTTPException(400, "the body is nested too deeply")
            return message

        return counted


class Depth:
    """How deep brackets lie within each other, outside quotes, in a text that comes in pieces."""

    def __init__(self) -> None:
        self._open, self._rest = 0, b""

    def after(self, piece: bytes) -> int:
        """The greatest depth the piece reaches."""
        text = _TEXT.sub(b"", self._rest + piece)
        quoted, _, self._rest = text.partition(b'"')
        self._rest = b'"' + self._rest if len(quoted) < len(text) else b""
        letters = np.frombuffer(quoted, np.uint8)
        opened = np.isin(letters, (ord("["), ord("{"))).astype(np.int64)
        closed = np.isin(letters, (ord("]"), ord("}"))).astype(np.int64)
        depths = self._open + np.cumsum(opened - closed)
        if not depths.size:
            return self._open
        self._open = int(depths[-1])
        return int(depths.max())
