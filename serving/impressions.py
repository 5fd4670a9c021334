"""Impressions on their way into the records: handed over at once, written in batches beside the pages."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from features.schema import Interaction
from records.arrivals import Came, note_arrivals
from records.database import writing
from records.interactions import append_interactions

MOST_WAITING: Final = 4096
MOST_AT_ONCE: Final = 128
PATIENCE_SECONDS: Final = 10.0
Slate = tuple[str, tuple[Interaction, ...]]
"""A subject and what one page showed them."""

logger = logging.getLogger("qianmian.serving")


class ImpressionLog:
    """One writer behind a queue; where the records cannot keep up, slates are dropped and counted."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: queue.Queue[Slate | None] = queue.Queue(MOST_WAITING)
        self._writer: threading.Thread | None = None
        self._starting = threading.Lock()
        self.dropped = 0
        """Slates that were not kept."""

    def keep(self, subject: str, shown: Sequence[Interaction]) -> None:
        """Hand over what a page showed; returns at once."""
        if not shown:
            return
        self._start()
        try:
            self._waiting.put_nowait((subject, tuple(shown)))
        except queue.Full:
            self._drop(1, "the records cannot keep up")

    def close(self) -> None:
        """Write what is waiting and end the writer."""
        with self._starting:
            writer, self._writer = self._writer, None
        if writer is not None:
            self._waiting.put(None)
            writer.join(PATIENCE_SECONDS)

    def settle(self) -> None:
        """Wait until everything handed over so far is written."""
        self._waiting.join()

    def _start(self) -> None:
        with self._starting:
            if self._writer is None:
                self._writer = threading.Thread(target=self._write, name="impressions", daemon=True)
                self._writer.start()

    def _write(self) -> None:
        ended = False
        while not ended:
            batch = [self._waiting.get()]
            while len(batch) < MOST_AT_ONCE:
                try:
                    batch.append(self._waiting.get_nowait())
                except queue.Empty:
                    break
            ended = None in batch
            self._append([slate for slate in batch if slate is not None])
            for _ in batch:
                self._waiting.task_done()

    def _append(self, slates: list[Slate]) -> None:
        try:
            with writing(self._engine) as connection:
                for slate in slates:
                    self._append_one(connection, slate)
        except SQLAlchemyError as error:
            self._drop(len(slates), type(error).__name__)

    def _append_one(self, connection: Connection, slate: Slate) -> None:
        """One slate by itself, for a subject may have been erased since their page was made."""
        subject, shown = slate
        try:
            with connection.begin_nested():
                append_interactions(connection, subject, shown)
                note_arrivals(connection, [Came(subject, "interaction", _ids(shown))])
        except (SQLAlchemyError, ValueError) as error:
            self._drop(1, type(error).__name__)

    def _drop(self, count: int, why: str) -> None:
        self.dropped += count
        logger.warning("impressions of %d page(s) were not kept: %s", count, why)


def _ids(shown: Sequence[Interaction]) -> tuple[str, ...]:
    return tuple(one.client_id for one in shown)
