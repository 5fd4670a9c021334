"""The worker: hears of arrivals, by the stream or by looking, and works through them until it is stopped."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

from sqlalchemy import Engine

from pipelines.live.failing import is_away, pause
from pipelines.live.rounds import Rounds, Tally
from records.arrival_stream import ArrivalStream, Entry
from records.arrivals import due_among, due_subjects
from records.database import reading

AT_ONCE: Final = 256
"""Arrivals of one round; entries of the stream read at once are fewer, for each tells of many."""
ENTRIES: Final = 32
LOOK_EVERY: Final = 0.1
"""Seconds between two looks at the table where there is no stream to listen to."""
SWEEP_EVERY: Final = 1.0
"""Seconds between two looks at the table beside the stream."""
LEFT_TO_STREAM: Final = dt.timedelta(seconds=2)
"""What came less long ago than this is on its way on the stream; the sweep leaves it alone."""
LISTEN_MS: Final = 250
CLAIM_EVERY: Final = 5.0
"""Seconds between two looks for what dead workers left unfinished."""

logger = logging.getLogger("qianmian.worker")


@dataclass(slots=True)
class Worker:
    """One of the workers of a run; killed at any point it loses nothing: the table keeps what is not done."""

    engine: Engine
    rounds: Rounds
    stream: ArrivalStream | None
    wall: Callable[[], dt.datetime]
    refresh: Callable[[], None] = lambda: None
    """Called between rounds: takes up a new catalogue."""
    _swept: float = field(default=-1e9)
    _claimed: float = field(default=-1e9)
    _deaf: bool = False

    def once(self) -> Tally:
        """Work until nothing is due any more; what was done. Raises what a store raises that is away."""
        tally = Tally()
        while subjects := self._due(self.wall()):
            worked = self.rounds.work(subjects)
            tally = tally.plus(worked)
            if not any(worked):
                break  # others are at the rest
        return tally

    def run(self, stop: threading.Event) -> Tally:
        """Work until stopped; a store that is away is waited for."""
        tally, failed = Tally(), 0
        while not stop.is_set():
            try:
                self.refresh()
                worked = self._hear()
            except Exception as error:
                # A worker that ended here would leave everybody's arrivals lying; what is not ours is told.
                failed += 1
                how = "is away" if is_away(error) else "failed"
                logger.warning("a store %s (%s); waiting", how, type(error).__name__)
                stop.wait(pause(failed))
                continue
            failed = 0
            tally = tally.plus(worked)
            if self._deaf and not any(worked):
                stop.wait(LOOK_EVERY)
        return tally

    def _hear(self) -> Tally:
        entries = None if self.stream is None else self._entries(self.stream)
        self._deaf = entries is None
        if self.stream is None or entries is None:
            return self.rounds.work(self._due(self.wall()))
        tally = self._told(self.stream, entries)
        if monotonic() - self._swept > SWEEP_EVERY:
            tally = tally.plus(self.rounds.work(self._due(self.wall() - LEFT_TO_STREAM)))
            self._swept = monotonic()
        return tally

    def _entries(self, stream: ArrivalStream) -> Sequence[Entry] | None:
        """What the stream tells of; None where it does not answer, so that the table alone is left."""
        try:
            left: Sequence[Entry] = ()
            if monotonic() - self._claimed > CLAIM_EVERY:
                left, self._claimed = stream.abandoned(ENTRIES), monotonic()
            return [*left, *stream.read(ENTRIES, None if left else LISTEN_MS)]
        except Exception as error:
            if not is_away(error):
                raise
            logger.warning("the stream of arrivals is away (%s); looking at the table", type(error).__name__)
            return None

    def _told(self, stream: ArrivalStream, entries: Sequence[Entry]) -> Tally:
        ids = {id_ for entry in entries for id_ in entry.arrivals}
        tally = Tally()
        if ids:
            with reading(self.engine) as connection:
                subjects = due_among(connection, ids, self.wall())
            for start in range(0, len(subjects), AT_ONCE):
                tally = tally.plus(self.rounds.work(subjects[start : start + AT_ONCE]))
        try:
            stream.finish(entries)
        except Exception as error:
            # They will be told again, and found done.
            if not is_away(error):
                raise
        return tally

    def _due(self, at: dt.datetime) -> tuple[str, ...]:
        with reading(self.engine) as connection:
            return due_subjects(connection, at, AT_ONCE)
