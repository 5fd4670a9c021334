"""Subjects' views of their own data: queued as they happen, sealed into the chain together each second.

What a view costs its page is one place in a queue. The price is told: a crash loses at most what was seen
since the last seal (`SEAL_EVERY`), and only views by the subject; anybody else's access is in the chain
before it is answered. While the records cannot be written, views wait, up to `MOST_WAITING`; beyond that
they are counted, and the chain says how many were lost.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from records.audit import AuditChain, AuditEntry
from records.audit_heads import Head, anchor, read_head
from records.database import reading, writing

SEAL_EVERY: Final = 1.0
ANCHOR_EVERY: Final = 10.0
"""Seconds between copies of the head outside the records."""
MOST_WAITING: Final = 20_000
LARGEST_BATCH: Final = 2_000

logger = logging.getLogger("qianmian.audit")


class OwnViews:
    """The queue of one process and the thread that empties it; also copies the chain's head elsewhere."""

    def __init__(self, engine: Engine, chain: AuditChain, heads: Path, at: Callable[[], dt.datetime]) -> None:
        self._engine, self._chain, self._heads, self._at = engine, chain, heads, at
        self._waiting: deque[AuditEntry] = deque()
        self._lost = 0
        self._guard, self._sealing = threading.Lock(), threading.Lock()
        self._ended = threading.Event()
        self._anchored: Head | None = None
        self._thread = threading.Thread(target=self._run, name="audit-views", daemon=True)

    def start(self) -> OwnViews:
        """Begin to seal; returns itself."""
        self._thread.start()
        return self

    def note(self, view: AuditEntry) -> None:
        """Remember that a subject saw what is theirs; sealed within a second or so."""
        with self._guard:
            if len(self._waiting) < MOST_WAITING:
                self._waiting.append(view)
            else:
                self._lost += 1

    def seal(self) -> int:
        """Put what waits into the chain, now; how many views that was. What fails stays in the queue."""
        sealed = 0
        with self._sealing:
            while batch := self._batch():
                with writing(self._engine) as connection:
                    self._chain.append_views(connection, batch)
                with self._guard:
                    for _ in batch:
                        self._waiting.popleft()
                sealed += len(batch)
            self._tell_lost()
        return sealed

    def anchor(self) -> None:
        """Copy the chain's head out of the records, when it has moved."""
        with reading(self._engine) as connection:
            head = read_head(connection)
        if head.sequence and head != self._anchored:
            anchor(head, self._heads)
            self._anchored = head

    def close(self) -> None:
        """Seal what waits, copy the head, and stop."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()
        self.seal()
        self.anchor()

    def _batch(self) -> list[AuditEntry]:
        with self._guard:
            return [self._waiting[n] for n in range(min(len(self._waiting), LARGEST_BATCH))]

    def _tell_lost(self) -> None:
        with self._guard:
            lost = self._lost
        if lost:
            told = AuditEntry(self._at(), "system", "audit", "views.lost", detail={"count": lost})
            with writing(self._engine) as connection:
                self._chain.append(connection, told)
            with self._guard:
                self._lost -= lost

    def _run(self) -> None:
        rounds = 0
        while not self._ended.wait(SEAL_EVERY):
            rounds += 1
            try:
                self.seal()
                if rounds % int(ANCHOR_EVERY / SEAL_EVERY) == 0:
                    self.anchor()
            except Exception as error:
                # The thread must outlive a store that is away; what waits is tried again.
                logger.error("views not sealed: %s", type(error).__name__)
