"""A small TCP proxy that can be slow, silent or shut: how a network fails, on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import Literal

Mood = Literal["open", "slow", "shut"]


class Proxy:
    """Passes on to a port of this machine; `delay` seconds later while slow, not at all while shut."""

    def __init__(self, target: int) -> None:
        self._target = target
        self.port = 0
        self.delay = 2.0
        self._mood: Mood = "open"
        self._loop = asyncio.new_event_loop()
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="proxy", daemon=True)

    def __enter__(self) -> Proxy:
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def turn(self, mood: Mood) -> None:
        """Change how it behaves; what is connected is cut off when it shuts."""
        self._mood = mood
        if mood == "shut":
            self._loop.call_soon_threadsafe(self._cut)

    def _cut(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._accept, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        self._cut()
        for task in list(self._tasks):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0.05))
        self._loop.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._mood == "shut":
            writer.transport.abort()
            return
        try:
            theirs, ours = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, ours}
        ways = [
            self._loop.create_task(self._pass(reader, ours)),
            self._loop.create_task(self._pass(theirs, writer)),
        ]
        self._tasks |= set(ways)
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for each in (writer, ours):
            each.transport.abort()
        self._writers -= {writer, ours}
        self._tasks -= set(ways)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, OSError):
            while data := await reader.read(65536):
                if self._mood == "slow":
                    await asyncio.sleep(self.delay)
                writer.write(data)
                await writer.drain()
