"""The list of faults: each with its number in the reliability plan, how it is injected, what must hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from benchmarks.faults.stage import Stage

TOTAL: Final = 27


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault; `check` injects it and raises AssertionError for whatever does not hold."""

    number: int
    name: str
    injected: str
    check: Callable[[Stage, bool], None]


FAULTS: dict[int, Fault] = {}


def fault(
    number: int, name: str, injected: str
) -> Callable[[Callable[[Stage, bool], None]], Callable[[Stage, bool], None]]:
    """Declares a function of the stage, and of whether to be quick, as the check of a fault."""

    def declare(check: Callable[[Stage, bool], None]) -> Callable[[Stage, bool], None]:
        if number in FAULTS:
            raise ValueError(f"fault {number} is declared twice")
        FAULTS[number] = Fault(number, name, injected, check)
        return check

    return declare
