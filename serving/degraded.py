"""What is amiss right now, in one place: pages, answers, readiness and metrics all ask here.

What can be amiss, and what follows from it, is in degraded.yaml. Nothing here is about a subject.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

import msgspec
from sqlalchemy.exc import SQLAlchemyError

from features.guarded import Trouble as StoreTrouble
from records.failures import failure_of

Alarm = Literal["warning", "critical"]
FILE: Final = Path(__file__).with_suffix(".yaml")
HOLD: Final = 2.0
"""Seconds a trouble that comes and goes is still told, so that the page it spoiled tells of it."""
STORE: Final[tuple[StoreTrouble, ...]] = ("online_store_away", "online_store_empty")

logger = logging.getLogger("qianmian.degraded")


class Consequence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What follows from one thing that is amiss."""

    page: bool
    answers: bool
    pushes: bool
    alarm: Alarm


class Ages(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From when age counts as trouble."""

    model_stale_days: int
    model_unused_days: int
    features_stale_days: int
    updates_waiting_seconds: float
    delivery_late_seconds: float
    disk_share: float


class Degrading(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of degraded.yaml."""

    troubles: dict[str, Consequence]
    ages: Ages


@lru_cache(maxsize=1)
def degrading() -> Degrading:
    """What can be amiss, as degraded.yaml has it."""
    return msgspec.yaml.decode(FILE.read_bytes(), type=Degrading)


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is amiss."""

    code: str
    detail: str
    """Which part of it, in a word or two for whoever runs the server; never about a subject."""
    consequence: Consequence


class Condition:
    """The troubles of one process. Safe to share between threads."""

    def __init__(self, steady: Callable[[], float]) -> None:
        """`steady` counts seconds and never goes back."""
        self._steady, self._guard = steady, threading.Lock()
        self._present: dict[str, str] = {}
        self._passing: dict[str, float] = {}

    def begins(self, code: str, detail: str = "", *, passing: bool = False) -> None:
        """Something is amiss until it `ends`; `passing`: for a moment only, and nobody need end it.

        KeyError for what degraded.yaml does not know.
        """
        consequence = degrading().troubles[code]
        with self._guard:
            new = code not in self._present and self._steady() >= self._passing.get(code, 0.0)
            if not passing:
                self._present[code] = detail
            self._passing[code] = self._steady() + HOLD
        if new:
            level = logging.ERROR if consequence.alarm == "critical" else logging.WARNING
            logger.log(level, "degraded: %s %s", code, detail)

    def ends(self, code: str) -> None:
        """It is well again; told for a moment longer."""
        with self._guard:
            ended = self._present.pop(code, None) is not None
        if ended:
            logger.warning("no longer degraded: %s", code)

    def turns(self, code: str, amiss: bool, detail: str = "") -> None:
        """It is amiss or it is well."""
        if amiss:
            self.begins(code, detail)
        else:
            self.ends(code)

    def heard_of_store(self, trouble: StoreTrouble | None) -> None:
        """What an attempt to read the online store came to."""
        for code in STORE:
            self.turns(code, code == trouble)

    def heard_of_records(self, error: SQLAlchemyError) -> str:
        """What an error of the records means; our own faults are no trouble of theirs."""
        failure = failure_of(error)
        if failure != "records_refused":
            self.begins(failure)
        return failure

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """All that is amiss, in the order of degraded.yaml."""
        with self._guard:
            now = self._steady()
            told = {code for code, until in self._passing.items() if now < until} | set(self._present)
            details: Mapping[str, str] = dict(self._present)
        return tuple(
            Trouble(code, details.get(code, ""), consequence)
            for code, consequence in degrading().troubles.items()
            if code in told
        )

    @property
    def told_on_pages(self) -> tuple[str, ...]:
        """The codes that every page tells its reader."""
        return tuple(trouble.code for trouble in self.troubles if trouble.consequence.page)

    @property
    def writes_fail(self) -> bool:
        """Whether the records take nothing at present, so that what can be left undone is not tried."""
        with self._guard:
            return any(code.startswith("records_") for code in self._present)

    @property
    def answers(self) -> bool:
        """Whether the server can do what it is there for."""
        return all(trouble.consequence.answers for trouble in self.troubles)

    @property
    def pushes(self) -> bool:
        """Whether reminders may go out."""
        return all(trouble.consequence.pushes for trouble in self.troubles)
