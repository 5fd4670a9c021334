"""How long what a register said holds; after that it is unknown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Annotated

import msgspec

Days = Annotated[int, msgspec.Meta(ge=1)]


class FreshnessError(ValueError):
    """A freshness file that cannot be followed."""


class ShelfLife(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For how many days each register's statement holds."""

    default_days: Days
    registers: dict[str, Days] = {}

    def of(self, register: str) -> dt.timedelta:
        """How long a statement of this register holds."""
        return dt.timedelta(days=self.registers.get(register, self.default_days))

    def holds(self, register: str, observed_at: dt.datetime, at: dt.datetime) -> bool:
        """Whether what the register said then still holds at that instant (nothing from the future does)."""
        return dt.timedelta(0) <= at - observed_at < self.of(register)

    def expired(self, as_of: Mapping[str, dt.datetime], at: dt.datetime) -> tuple[str, ...]:
        """The registers among these whose last word no longer holds."""
        return tuple(sorted(name for name, time in as_of.items() if not self.holds(name, time, at)))


def load_shelf_life(path: Path) -> ShelfLife:
    """An operator's shelf lives; FreshnessError naming the file, the place in it and the remedy."""
    try:
        return msgspec.yaml.decode(path.read_bytes(), type=ShelfLife)
    except OSError as fault:
        raise FreshnessError(f"{path}: cannot be read: {fault.strerror}") from fault
    except msgspec.MsgspecError as fault:
        raise FreshnessError(f"{path}: {fault}; compare it with features/freshness.yaml") from fault


@lru_cache(maxsize=1)
def default_shelf_life() -> ShelfLife:
    """The shelf lives in force until an operator says otherwise."""
    with resources.as_file(resources.files("features") / "freshness.yaml") as path:
        return load_shelf_life(path)
