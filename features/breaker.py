"""A circuit breaker: a store that fails is left alone for a while, then asked by one caller at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final, Literal

State = Literal["closed", "open", "half_open"]

FAILURES: Final = 3
"""Failures in a row after which nobody asks any more."""
PAUSE: Final = 2.0
"""Seconds for which nobody asks; then one caller tries."""


class Breaker:
    """Counts failures in a row. Safe to share between threads."""

    def __init__(self, clock: Callable[[], float], failures: int = FAILURES, pause: float = PAUSE) -> None:
        """`clock` counts seconds and never goes back."""
        self._clock, self._most, self._pause = clock, failures, pause
        self._guard = threading.Lock()
        self._failed = 0
        self._try_at = 0.0
        self._trying = False

    @property
    def state(self) -> State:
        """Whether callers ask freely, not at all, or one at a time."""
        with self._guard:
            if self._failed < self._most:
                return "closed"
            return "half_open" if self._trying or self._clock() >= self._try_at else "open"

    def admits(self) -> bool:
        """Whether this caller is to ask; one that is must say how it went."""
        with self._guard:
            if self._failed < self._most:
                return True
            if self._trying or self._clock() < self._try_at:
                return False
            self._trying = True
            return True

    def succeeded(self) -> None:
        """The store answered."""
        with self._guard:
            self._failed, self._trying = 0, False

    def failed(self) -> None:
        """The store did not answer."""
        with self._guard:
            self._failed, self._trying = self._failed + 1, False
            self._try_at = self._clock() + self._pause
