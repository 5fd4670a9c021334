"""Looks, every few seconds, at what pages would only stumble over: the records, the clock, ages, the disk."""

from __future__ import annotations

import datetime as dt
import logging
import shutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from records.backlog import Backlog, backlog
from records.clock_skew import MOST, ClockWatch
from records.database import reading
from records.delivery_counts import DeliveryCounts, delivery_counts
from records.failures import Failure
from records.writability import why_not_writable
from serving.certificates import endings
from serving.degraded import Condition, degrading
from serving.online import Online, Refiller

EVERY: Final = 2.0
"""Seconds between two looks."""
RECORDS: Final[tuple[Failure, ...]] = (
    "records_read_only",
    "records_full",
    "records_busy",
    "records_away",
)

logger = logging.getLogger("qianmian.degraded")


@dataclass(frozen=True, slots=True)
class Seen:
    """The figures of the last look; None where something could not be read."""

    backlog: Backlog | None = None
    delivery: DeliveryCounts | None = None
    skew: dt.timedelta | None = None
    disk_share: float | None = None
    features_at: dt.datetime | None = None
    models_trained_to: Mapping[str, dt.date] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ageing:
    """What grows old while the server runs."""

    models_trained_to: Mapping[str, dt.date]
    features_at: Callable[[], dt.datetime | None]
    certificates: tuple[Path, ...] = ()


class Watch:
    """One thread that looks, and lets the condition know."""

    def __init__(
        self,
        condition: Condition,
        engine: Engine,
        online: Online,
        home: Path,
        at: Callable[[], dt.datetime],
        clock: ClockWatch,
        ageing: Ageing,
    ) -> None:
        """`engine` is the watch's own and waits for little; `at` says the instant by which ages are told."""
        self._condition, self._engine, self._online, self._home = condition, engine, online, home
        self._at, self._clock, self._ageing = at, clock, ageing
        self._refiller = Refiller(online)
        self._busy_before = False
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self.seen = Seen(models_trained_to=ageing.models_trained_to)

    def start(self) -> Watch:
        """Look once, then go on looking; returns itself."""
        self.look()
        self._thread.start()
        return self

    def look(self) -> None:
        """Look at everything once."""
        self._look_at_records()
        self._look_at_store()
        self._look_at_ages()
        self._look_at_certificates()
        usage = shutil.disk_usage(self._home)
        share = usage.used / usage.total
        self.seen = replace(self.seen, disk_share=share)
        self._condition.turns("disk_filling", share > degrading().ages.disk_share, f"{share:.0%}")

    def close(self) -> None:
        """Stop looking."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()
        self._engine.dispose()

    def _look_at_records(self) -> None:
        present = {trouble.code for trouble in self._condition.troubles}
        failure = why_not_writable(self._engine, thoroughly=bool(present & set(RECORDS)))
        # A load takes the lock for a moment; only who holds on to it is trouble.
        passing = failure == "records_busy" and not self._busy_before
        self._busy_before = failure == "records_busy"
        for code in RECORDS:
            self._condition.turns(code, code == failure and not passing)
        if failure not in ("records_away", "records_busy"):
            self._read_records()

    def _read_records(self) -> None:
        try:
            with reading(self._engine) as connection:
                found, skew = backlog(connection), self._clock.skew(connection)
                delivery = delivery_counts(connection, self._at())
        except SQLAlchemyError as error:
            self._condition.heard_of_records(error)
            self.seen = replace(self.seen, backlog=None, delivery=None, skew=None)
            return
        self.seen = replace(self.seen, backlog=found, delivery=delivery, skew=skew)
        waited = self.waited(found.arrivals_since)
        late = waited is not None and waited > degrading().ages.updates_waiting_seconds
        self._condition.turns("updates_waiting", late)
        self._condition.turns("letters_dead", found.dead_letters > 0, str(found.dead_letters))
        self._condition.turns("delivery_paused", bool(delivery.paused), ", ".join(delivery.paused))
        self._condition.turns("delivery_failing", bool(delivery.resting), ", ".join(delivery.resting))
        due = self.waited(delivery.due_since)
        self._condition.turns(
            "delivery_late", due is not None and due > degrading().ages.delivery_late_seconds
        )
        self._condition.turns("clock_skewed", abs(skew) > MOST, f"{skew.total_seconds():.0f} s")

    def waited(self, since: dt.datetime | None) -> float | None:
        """For how many seconds the oldest of a backlog waits."""
        return None if since is None else max(0.0, (self._at() - since).total_seconds())

    def _look_at_store(self) -> None:
        self._online.probe()
        if any(trouble.code == "online_store_empty" for trouble in self._condition.troubles):
            self._refiller.begin()

    def _look_at_ages(self) -> None:
        ages, now = degrading().ages, self._at()
        old = sorted(
            name
            for name, day in self.seen.models_trained_to.items()
            if (now.date() - day).days > ages.model_stale_days
        )
        self._condition.turns("model_stale", bool(old), ", ".join(old))
        made = self._ageing.features_at()
        self.seen = replace(self.seen, features_at=made)
        stale = made is not None and now - made > dt.timedelta(days=ages.features_stale_days)
        self._condition.turns("features_stale", stale, "" if made is None else made.date().isoformat())

    def _look_at_certificates(self) -> None:
        found = endings(self._ageing.certificates, self._at())
        for code, urgent in (("certificate_ending", False), ("certificate_urgent", True)):
            names = ", ".join(one.name for one in found if one.urgent is urgent)
            self._condition.turns(code, bool(names), names)

    def _run(self) -> None:
        while not self._ended.wait(EVERY):
            try:
                self.look()
            except Exception as error:
                # The watch must outlive whatever it looks at.
                logger.error("the watch stumbled: %s", type(error).__name__)
