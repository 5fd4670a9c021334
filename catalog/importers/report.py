"""What became of an import: what was kept, and everything a person should look at."""

from __future__ import annotations

import msgspec


class Finding(msgspec.Struct, frozen=True, order=True):
    """Something in the source that could not be taken as it stands, and what was done about it."""

    where: str
    what: str
    done: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what} -> {self.done}"


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """The counts of an import and its findings; `lost` conditions are each named by a finding."""

    items: int
    events: int
    conditions: int
    """Conditions the source states, one an item and criterion."""
    kept: int
    """Conditions now held by a criterion that is judged."""
    findings: tuple[Finding, ...]

    @property
    def lost(self) -> int:
        """Conditions the source states that no criterion holds."""
        return self.conditions - self.kept
