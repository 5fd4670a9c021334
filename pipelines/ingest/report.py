"""What an ingest did, file by file, and why it turned a file away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from catalog.vocabulary import Names


@dataclass(frozen=True, slots=True)
class FileFault:
    """One thing wrong with a file as a whole, and what to do about it."""

    file: str
    code: str
    text: Names


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file that was read: `read == accepted + quarantined + unchanged`."""

    file: str
    table: str
    read: int
    accepted: int
    quarantined: int
    unchanged: int
    reasons: Mapping[str, int] = field(default_factory=dict)
    """Quarantined rows by `code:column`; a row may have several."""
    quarantine: Path | None = None
    """Where the quarantined rows are, with their reasons."""
    left_out: tuple[str, ...] = ()
    """Columns the file does not have: they are unknown for all its rows."""
    encoding: str | None = None
    """Of a CSV that was not UTF-8."""


@dataclass(frozen=True, slots=True)
class TableReport:
    """All files of one table together."""

    table: str
    read: int
    accepted: int
    quarantined: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class IngestReport:
    """One ingest. A refused file has left everything as it was."""

    files: tuple[FileReport, ...]
    refused: tuple[FileFault, ...] = ()
    ignored: tuple[str, ...] = ()
    """What lies in the folder and is no table: documents, hidden files, a city's truth."""
    completed: int = 0
    """Subjects without a scope item of their own, which were given one."""
    erased_again: int = 0
    """Subjects whose account was closed, and who came back with these tables."""

    @property
    def tables(self) -> dict[str, TableReport]:
        """The counts by table."""
        found: dict[str, TableReport] = {}
        for one in self.files:
            before = found.get(one.table, TableReport(one.table, 0, 0, 0, 0))
            found[one.table] = TableReport(
                one.table,
                before.read + one.read,
                before.accepted + one.accepted,
                before.quarantined + one.quarantined,
                before.unchanged + one.unchanged,
            )
        return found


class FileRefused(Exception):
    """A file that cannot be taken; carries everything that is wrong with it."""

    def __init__(self, *faults: FileFault) -> None:
        super().__init__("; ".join(f"{fault.file}: {fault.text.en}" for fault in faults))
        self.faults = faults


class IngestRefused(ValueError):
    """Some files were refused; the others went in, as the report says."""

    def __init__(self, report: IngestReport) -> None:
        lines = [f"{fault.file}: {fault.text.zh} / {fault.text.en}" for fault in report.refused]
        super().__init__("\n".join(lines))
        self.report = report
