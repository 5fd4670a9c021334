"""Connections that cannot be held open by saying, or by hearing, next to nothing.

The server itself bounds neither how long a request's head may take nor how large it may grow, nor how
slowly an answer may be fetched; each of them lets one caller tie up what all callers share.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_WITHIN: Final = 10.0
"""Seconds from the first byte (or the connection) to the end of a request's head."""
LARGEST_HEAD: Final = 32 * 1024
"""Bytes of request line and headers."""
BODY_WITHIN: Final = 60.0
"""Seconds from the end of the head to the end of the body, however early it was answered."""
FETCH_WITHIN: Final = 30.0
"""Seconds for which a caller may leave an answer unread."""
_TOO_LARGE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
)


class BoundedConnection(HttpToolsProtocol):
    """uvicorn's connection, with limits on a head's time and size, a body's time and an answer's."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._head_bytes = self._parsed = 0
        self._in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for a head from now on."""
        super().connection_made(transport)
        self._allow("head", HEAD_WITHIN)

    def data_received(self, data: bytes) -> None:
        """Count what belongs to a head before it is parsed."""
        if self._in_head:
            if "head" not in self._timers:
                self._allow("head", HEAD_WITHIN)
            # A body may share a packet with its head, so what is counted is what came before this packet.
            if self._head_bytes > LARGEST_HEAD:
                self._refuse()
                return
            self._head_bytes += len(data)
        super().data_received(data)

    def on_url(self, url: bytes) -> None:
        """Refuse a request line that is too large by itself."""
        super().on_url(url)
        self._count(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Refuse headers that are too large together."""
        super().on_header(name, value)
        self._count(len(name) + len(value))

    def on_headers_complete(self) -> None:
        """The head is whole; the body has its own time."""
        self._in_head = False
        self._stop("head")
        self._allow("body", BODY_WITHIN)
        if not self.transport.is_closing():
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is whole; what comes next is another head."""
        self._in_head, self._head_bytes, self._parsed = True, 0, 0
        self._stop("body")
        if not self.transport.is_closing():
            super().on_message_complete()

    def pause_writing(self) -> None:
        """The caller does not read what it asked for."""
        super().pause_writing()
        self._allow("fetch", FETCH_WITHIN)

    def resume_writing(self) -> None:
        """It reads again."""
        self._stop("fetch")
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        for name in tuple(self._timers):
            self._stop(name)
        super().connection_lost(exc)

    def _allow(self, name: str, seconds: float) -> None:
        self._stop(name)
        self._timers[name] = self.loop.call_later(seconds, self._abort)

    def _stop(self, name: str) -> None:
        timer = self._timers.pop(name, None)
        if timer is not None:
            timer.cancel()

    def _count(self, size: int) -> None:
        self._parsed += size
        if self._parsed > LARGEST_HEAD:
            self._refuse()

    def _refuse(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(_TOO_LARGE)
            self.transport.close()

    def _abort(self) -> None:
        if not self.transport.is_closing():
            self.transport.abort()
