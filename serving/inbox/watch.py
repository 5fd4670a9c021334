"""Wakes the open streams of a process when something of theirs changed: one poll of the records for all.

The records are the truth and each stream reads them itself; a wake-up too many does no harm, and one that is
missed is made up for by the next look. So any number of processes serve the same inboxes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, TypeVar

from anyio import CapacityLimiter, to_thread
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from records.database import reading
from records.inbox import Mark, marks_of
from records.sessions import still_there
from serving.overload import Shed, TooManyRequests

EVERY: Final = 0.5
"""Seconds between two polls."""
AT_ONCE: Final = 500
"""Subjects, or sessions, of one statement."""
MOST_STREAMS: Final = 1_000
"""Of one process, well below its connections."""
MOST_OF_A_CALLER: Final = 6
"""Streams of one login in one process: as many tabs as a browser lets be live."""
READERS: Final = 4
"""Threads that read for streams, so that a burst of news leaves room for pages."""

_Key = TypeVar("_Key", str, bytes)
logger = logging.getLogger("qianmian.inbox")


@dataclass(eq=False)
class Listener:
    """One open stream: whose inbox it shows, to which session."""

    caller: str
    subject: str
    session: bytes | None
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    mark: Mark | None = None


class InboxWatch:
    """All open streams of one process. Lives on its event loop; the records are read in worker threads."""

    def __init__(
        self, engine: Engine, every: float = EVERY, most_of_a_caller: int = MOST_OF_A_CALLER
    ) -> None:
        self._engine, self._every, self._most_of_a_caller = engine, every, most_of_a_caller
        self._listeners: set[Listener] = set()
        self._polling: asyncio.Task[None] | None = None
        self.readers = CapacityLimiter(READERS)
        self.closing = False

    @contextmanager
    def listening(self, caller: str, subject: str, session: bytes | None) -> Iterator[Listener]:
        """Have a stream woken until the block ends. Raises TooManyRequests, Shed."""
        if self.closing or len(self._listeners) >= MOST_STREAMS:
            raise Shed
        if sum(one.caller == caller for one in self._listeners) >= self._most_of_a_caller:
            raise TooManyRequests(self._most_of_a_caller, wait=5)
        one = Listener(caller, subject, session)
        self._listeners.add(one)
        if self._polling is None or self._polling.done():
            self._polling = asyncio.create_task(self._poll())
        try:
            yield one
        finally:
            self._listeners.discard(one)

    def close(self) -> None:
        """Have every stream end, and let no other begin."""
        self.closing = True
        for one in self._listeners:
            one.woken.set()

    @property
    def open(self) -> int:
        """How many streams are open."""
        return len(self._listeners)

    async def _poll(self) -> None:
        """As long as anybody listens. A failure wakes nobody; the next round is told all the same."""
        while self._listeners and not self.closing:
            try:
                await self._round(tuple(self._listeners))
            except SQLAlchemyError as error:
                logger.warning("inboxes could not be polled: %s", type(error).__name__)
            await asyncio.sleep(self._every)

    async def _round(self, listeners: tuple[Listener, ...]) -> None:
        subjects = {one.subject for one in listeners}
        sessions = {one.session for one in listeners if one.session is not None}
        marks, there = await to_thread.run_sync(self._read, subjects, sessions, limiter=self.readers)
        for one in listeners:
            mark = marks.get(one.subject, Mark())
            if mark != one.mark or (one.session is not None and one.session not in there):
                one.mark = mark
                one.woken.set()

    def _read(self, subjects: set[str], sessions: set[bytes]) -> tuple[dict[str, Mark], set[bytes]]:
        marks: dict[str, Mark] = {}
        there: set[bytes] = set()
        with reading(self._engine) as connection:
            for some in _batches(subjects):
                marks |= marks_of(connection, some)
            for others in _batches(sessions):
                there |= still_there(connection, others)
        return marks, there


def _batches(all_of: Iterable[_Key]) -> Iterator[list[_Key]]:
    left = iter(all_of)
    while some := list(islice(left, AT_ONCE)):
        yield some
