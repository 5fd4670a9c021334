"""What is wrong with a catalogue, where, and what to do about it: all of it at once."""

from __future__ import annotations

import msgspec


class Fault(msgspec.Struct, frozen=True, order=True):
    """One thing wrong in one place of a catalogue's files."""

    file: str
    """Relative to the catalogue's folder."""
    line: int
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what} -> {self.remedy}"


class CatalogueError(ValueError):
    """A catalogue that cannot be used; `faults` names everything that is wrong with it."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = tuple(sorted(set(faults)))
        listing = "\n".join(str(fault) for fault in self.faults)
        super().__init__(f"{len(self.faults)} fault(s) in the catalogue:\n{listing}")


class WordingError(ValueError):
    """A condition, deadline or derivation that is not written in the catalogue's small languages."""

    def __init__(self, what: str, remedy: str) -> None:
        self.what = what
        self.remedy = remedy
        super().__init__(f"{what} -> {remedy}")
