"""Which files an operator hands over, and which table each one is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.ingest.report import FileFault
from pipelines.ingest.wording import file_fault

FORMATS = {".csv": "csv", ".parquet": "parquet"}
SPREADSHEETS = frozenset({".xlsx", ".xls", ".ods", ".tsv", ".json", ".jsonl", ".gz", ".zip"})
APART = frozenset({"truth"})
"""Folders of a source that are not for ingest: a sample city's truth is read by evaluation only."""

MANIFEST = "manifest.json"
"""What a delivery says of itself: a document beside the tables, not one of them."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file and the table it holds; `name` is its path below the source."""

    path: Path
    name: str
    table: str

    @property
    def is_csv(self) -> bool:
        """CSV or else Parquet."""
        return self.path.suffix.lower() == ".csv"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What was found at the source: files in the order they go in, faults, and what is no table."""

    files: tuple[SourceFile, ...]
    faults: tuple[FileFault, ...]
    ignored: tuple[str, ...]


def find_files(source: Path, tables: Sequence[str]) -> Delivery:
    """The files of a folder, or the one file, in the order of `tables`.

    A table is `<table>.csv`, `<table>.parquet`, or a folder `<table>/` of parts.
    """
    if not source.exists():
        return Delivery((), (file_fault(source.name, "nothing_there"),), ())
    root = source if source.is_dir() else source.parent
    files: list[SourceFile] = []
    faults: list[FileFault] = []
    ignored: list[str] = []
    for path in _below(source):
        name = path.relative_to(root).as_posix()
        suffix = path.suffix.lower()
        if suffix in FORMATS:
            table = _table_of(path, tables)
            if table is None:
                faults.append(file_fault(name, "unknown_table", path.stem, ", ".join(tables)))
            else:
                files.append(SourceFile(path, name, table))
        elif suffix in SPREADSHEETS and path.name != MANIFEST:
            faults.append(file_fault(name, "unknown_format", suffix))
        else:
            ignored.append(name)
    if not files and not faults:
        faults.append(file_fault(source.name, "no_tables"))
    place = {table: number for number, table in enumerate(tables)}
    ordered = sorted(files, key=lambda file: (place[file.table], file.name))
    return Delivery(tuple(ordered), tuple(faults), tuple(ignored))


def _below(source: Path) -> Iterator[Path]:
    if source.is_file():
        yield source
        return
    for path in sorted(source.rglob("*")):
        above = path.relative_to(source).parts
        if path.is_file() and not APART & set(above[:-1]) and not any(part.startswith(".") for part in above):
            yield path


def _table_of(path: Path, tables: Collection[str]) -> str | None:
    """By the file's own name, or that of the folder of parts it lies in."""
    return next((name for name in (path.stem, path.parent.name) if name in tables), None)
