"""Which steps of a day are done: a slip a step, in its place whole or not at all.

<home>/daily/2026-11-21/score.json      done for the day, by the catalogue it names
                        score.again     to be done again, and not done yet
             .lock                      held while a day's work is under way
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from pipelines.alone import alone

LOCK: Final = ".lock"


class AnotherUnderWay(RuntimeError):
    """The day's work of this home is being done by another process."""


class Slip(msgspec.Struct, frozen=True, kw_only=True):
    """One step that is done."""

    step: str
    catalogue_version: str
    finished_at: dt.datetime
    says: str
    """What it came to, in counts."""


@dataclass(frozen=True, slots=True)
class Journal:
    """What is done of one day's work, by one catalogue."""

    folder: Path
    on: dt.date
    catalogue_version: str

    def done(self, step: str) -> Slip | None:
        """The slip of a step; None where it was not done today, is to be again, or by another catalogue."""
        if self.is_again(step):
            return None
        try:
            slip = msgspec.json.decode(self._slip(step).read_bytes(), type=Slip)
        except (FileNotFoundError, msgspec.MsgspecError):
            return None  # a slip that cannot be read is none: every step bears being done again
        return slip if slip.catalogue_version == self.catalogue_version else None

    def note(self, step: str, says: str, at: dt.datetime) -> None:
        """Note a step as done."""
        slip = Slip(step=step, catalogue_version=self.catalogue_version, finished_at=at, says=says)
        path = self._slip(step)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{os.getpid()}.{path.name}")
        with part.open("wb") as stream:
            stream.write(msgspec.json.encode(slip))
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
        self._mark(step).unlink(missing_ok=True)

    def forget(self, steps: Iterable[str]) -> None:
        """Mark steps as to be done again; the marks outlast this process."""
        for step in steps:
            self._mark(step).parent.mkdir(parents=True, exist_ok=True)
            self._mark(step).touch()

    def is_again(self, step: str) -> bool:
        """Whether a step is to be done again and was not yet."""
        return self._mark(step).exists()

    def alone(self) -> AbstractContextManager[None]:
        """Keep others from the day's work, or raise AnotherUnderWay."""
        return alone(self.folder / LOCK, AnotherUnderWay("the day's work is being done by another process"))

    def _slip(self, step: str) -> Path:
        return self.folder / self.on.isoformat() / f"{step}.json"

    def _mark(self, step: str) -> Path:
        return self._slip(step).with_suffix(".again")
