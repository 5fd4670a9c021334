"""Does a day's steps in their order: what is done stays done, what fails holds up only what needs it."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal

from pipelines.daily.journal import Journal
from pipelines.live.failing import reason_of

State = Literal["done", "before", "failed", "held up"]
Progress = Callable[[str, float], None]

logger = logging.getLogger("qianmian.daily")


class StepFailed(RuntimeError):
    """A step that cannot be done, in words that name nobody and say what to do."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step. It bears being broken off anywhere, and being done again."""

    name: str
    title: str
    work: Callable[[Progress], str]
    """Does it; what it came to, in counts. Raises StepFailed."""
    needs: tuple[str, ...] = ()
    """The steps without which it is not done."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one step."""

    step: Step
    state: State
    says: str


Showing = Callable[[Step], AbstractContextManager[Progress]]


def run_day(
    journal: Journal,
    steps: Sequence[Step],
    wall: Callable[[], dt.datetime],
    showing: Showing,
    told: Callable[[Outcome], None] = lambda outcome: None,
    *,
    again: bool = False,
) -> tuple[Outcome, ...]:
    """Do every step that is not done today (`again`: all of them); each is noted once it is done, and told.

    Raises AnotherUnderWay. ValueError for a step that needs one that does not come before it.
    """
    _check_order(steps)
    outcomes: dict[str, Outcome] = {}
    with journal.alone():
        if again:
            journal.forget(step.name for step in steps)
        for step in steps:
            outcome = _one(journal, step, outcomes, wall, showing)
            outcomes[step.name] = outcome
            told(outcome)
    return tuple(outcomes.values())


def has_failed(outcomes: Sequence[Outcome]) -> bool:
    """Whether anything is left undone."""
    return any(one.state in ("failed", "held up") for one in outcomes)


def _one(
    journal: Journal,
    step: Step,
    outcomes: dict[str, Outcome],
    wall: Callable[[], dt.datetime],
    showing: Showing,
) -> Outcome:
    missing = [name for name in step.needs if outcomes[name].state in ("failed", "held up")]
    if missing:
        return Outcome(step, "held up", f"waits for {', '.join(missing)}")
    fresh = [name for name in step.needs if outcomes[name].state == "done"]
    before = journal.done(step.name)
    # What a step rests on was done anew, by another catalogue or after a fault: so is the step.
    if before is not None and not fresh:
        return Outcome(step, "before", before.says)
    try:
        with showing(step) as progress:
            says = step.work(progress)
    except StepFailed as error:
        return Outcome(step, "failed", str(error))
    except Exception as error:
        # Whatever a step raises, the others must not wait for it; its words may quote somebody's data.
        logger.error("%s failed: %s", step.name, reason_of(error))
        return Outcome(step, "failed", reason_of(error))
    journal.note(step.name, says, wall())
    return Outcome(step, "done", says)


def _check_order(steps: Sequence[Step]) -> None:
    known: set[str] = set()
    for step in steps:
        if missing := set(step.needs) - known:
            raise ValueError(f"{step.name} needs {', '.join(sorted(missing))}, which does not come before it")
        known.add(step.name)
