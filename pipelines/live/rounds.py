"""One round of work: claim subjects, push their features, take the steps, and settle every arrival."""

from __future__ import annotations

import datetime as dt
import logging
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from sqlalchemy import Connection, Engine

from pipelines.live.failing import is_away, next_attempt, reason_of
from pipelines.live.step import Push, Step
from records.arrivals import Arrival, arrivals_of, claim, finish, put_off
from records.database import reading, writing
from records.dead_letters import bury

logger = logging.getLogger("qianmian.worker")
Found = Mapping[str, Sequence[Arrival]]
MOST_HELD: Final = 8
"""Subjects whom a step is taken for in one transaction."""


class Tally(NamedTuple):
    """What became of arrivals."""

    done: int = 0
    put_off: int = 0
    given_up: int = 0

    def plus(self, other: Tally) -> Tally:
        """Both together."""
        return Tally(*(a + b for a, b in zip(self, other, strict=True)))


@dataclass(frozen=True, slots=True)
class Rounds:
    """Works through the arrivals of some subjects at a time; `wall` is the time on the wall."""

    engine: Engine
    push: Push
    steps: Sequence[Step]
    wall: Callable[[], dt.datetime]
    chance: random.Random = field(default_factory=random.Random)

    def work(self, subjects: Sequence[str]) -> Tally:
        """Act on all that waits for these subjects, save those another worker is at.

        Raises what a store raises that is away: then nothing is settled, and nothing lost.
        """
        if not subjects:
            return Tally()
        if self.engine.dialect.name == "sqlite":
            return self._alone(subjects)
        tally, left = Tally(), subjects
        while left:
            with writing(self.engine) as connection:
                claimed = arrivals_of(connection, claim(connection, left))
                found = self._bearable(claimed)
                tally = tally.plus(self._settle(connection, found, self.push.push(found)))
            left = [subject for subject in claimed if subject not in found]
        return tally

    def _alone(self, subjects: Sequence[str]) -> Tally:
        """By the one worker of an embedded database; its write lock is held as long as one subject takes."""
        with reading(self.engine) as connection:
            found = arrivals_of(connection, subjects)
        failed = self.push.push(found)
        quiet = {subject: came for subject, came in found.items() if not self._asked(came)}
        tally = Tally()
        for some in (quiet, *({subject: found[subject]} for subject in found if subject not in quiet)):
            if some:
                with writing(self.engine) as connection:
                    tally = tally.plus(self._settle(connection, some, failed))
        return tally

    def _bearable(self, found: Found) -> Found:
        """So much of it as is soon done, for others wait while its subjects are held; the rest comes next."""
        quiet = {subject: came for subject, came in found.items() if not self._asked(came)}
        others = [subject for subject in found if subject not in quiet]
        return {**quiet, **{subject: found[subject] for subject in others[:MOST_HELD]}}

    def _asked(self, came: Sequence[Arrival]) -> list[tuple[Step, list[Arrival]]]:
        asked = [(step, [one for one in came if step.concerns(one.came)]) for step in self.steps]
        return [(step, mine) for step, mine in asked if mine]

    def _settle(self, connection: Connection, found: Found, failed: Mapping[str, str]) -> Tally:
        done: list[int] = []
        tally = Tally()
        for subject, came in found.items():
            reason = failed.get(subject) or self._act(connection, subject, came)
            if reason is None:
                done += [one.id for one in came]
            else:
                tally = tally.plus(self._failed(connection, came, reason))
        finish(connection, done)
        return tally.plus(Tally(done=len(done)))

    def _act(self, connection: Connection, subject: str, came: Sequence[Arrival]) -> str | None:
        """Take every step that is asked for, or none; why not."""
        asked = self._asked(came)
        if not asked:
            return None
        try:
            with connection.begin_nested():
                for step, mine in asked:
                    step.act(connection, subject, [one.came for one in mine], self.wall())
        except Exception as error:
            # Whatever a step raises, others must not wait for it.
            if is_away(error):
                raise
            return reason_of(error)
        return None

    def _failed(self, connection: Connection, came: Sequence[Arrival], reason: str) -> Tally:
        at = self.wall()
        given_up = [one for one in came if next_attempt(one.attempts + 1, at, self.chance) is None]
        bury(connection, given_up, reason, at)
        for one in came:
            until = next_attempt(one.attempts + 1, at, self.chance)
            if until is not None:
                put_off(connection, [one.id], until)
        if given_up:
            logger.error("given up %d arrival(s): %s", len(given_up), reason)
        else:
            logger.warning("put off %d arrival(s): %s", len(came), reason)
        return Tally(put_off=len(came) - len(given_up), given_up=len(given_up))
