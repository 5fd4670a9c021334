"""Why a request is turned away that there is nothing wrong with: too many, or too slow."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar


class TooManyRequests(RuntimeError):
    """More than is allowed; says how much that is and when there will be room."""

    def __init__(self, limit: int, wait: float) -> None:
        self.seconds = max(1, math.ceil(wait))
        super().__init__(f"more than {limit} requests; wait {self.seconds} s")
        self.headers = {
            "Retry-After": str(self.seconds),
            "RateLimit-Limit": str(limit),
            "RateLimit-Remaining": "0",
            "RateLimit-Reset": str(self.seconds),
        }


class LimitsUnknown(RuntimeError):
    """The store that counts does not answer, and what was asked for must not go uncounted."""

    headers: ClassVar[Mapping[str, str]] = {"Retry-After": "5"}


SHED = "too-busy"
"""The problem of a request that was turned away to keep the others going."""


class Shed(RuntimeError):
    """More is asked of the server at once than it can do; what is dear goes first."""

    headers: ClassVar[Mapping[str, str]] = {"Retry-After": "2"}


class TooSlow(RuntimeError):
    """The answer did not begin within the time that is waited for."""

    headers: ClassVar[Mapping[str, str]] = {"Retry-After": "30"}
