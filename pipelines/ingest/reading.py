"""Reads one file as it stands: every row numbered, text still text, broken files refused."""

from __future__ import annotations

import codecs
import hashlib
import io
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl
from pyarrow import csv as arrow_csv
from pyarrow import lib as arrow

from pipelines.ingest.encoding import refuse_utf16, to_utf8
from pipelines.ingest.report import FileRefused
from pipelines.ingest.sources import SourceFile
from pipelines.ingest.wording import file_fault

ROW: Final = "_row"
"""The row as a spreadsheet numbers it (the header is row 1); in Parquet the first row is 1."""
REASONS: Final = (ROW, "_reasons", "_why_zh", "_why_en", "_text")
"""Columns of a quarantine file, ignored when it is handed back corrected."""


@dataclass(frozen=True, slots=True)
class RawTable:
    """A file's rows with their numbers in `_row`, and the rows that do not fit its header."""

    frame: pl.DataFrame
    misfits: pl.DataFrame
    """`_row` and the text of the row as it stands."""
    content_hash: str
    encoding: str | None
    ends_in: str | None = None
    """The column of a CSV's very last value, where no line end follows it."""


def read_file(file: SourceFile) -> RawTable:
    """The whole file; FileRefused if it is damaged, cut off, or in no encoding we know."""
    content = file.path.read_bytes()
    content_hash = hashlib.sha256(file.table.encode() + b"\0" + content).hexdigest()
    if not content:
        raise FileRefused(file_fault(file.name, "empty"))
    if file.is_csv:
        return _read_csv(content, file.name, content_hash)
    return RawTable(_read_parquet(content, file.name), _no_misfits(), content_hash, None)


def hash_of(path: Path, table: str) -> str:
    """What identifies a file's content as this table's."""
    digest = hashlib.sha256(table.encode() + b"\0")
    with path.open("rb") as stream:
        while piece := stream.read(1 << 22):
            digest.update(piece)
    return digest.hexdigest()


def _read_parquet(content: bytes, name: str) -> pl.DataFrame:
    try:
        frame = pl.read_parquet(io.BytesIO(content))
    except (pl.exceptions.PolarsError, OSError) as fault:
        raise FileRefused(file_fault(name, "unreadable")) from fault
    return frame.drop(REASONS, strict=False).with_row_index(ROW, offset=1)


def _read_csv(content: bytes, name: str, content_hash: str) -> RawTable:
    text, encoding = to_utf8(content, name)
    if text.count(b'"') % 2:
        raise FileRefused(file_fault(name, "unclosed_quote"))
    header = header_of(text, name)
    if b"\n" not in text:
        raise FileRefused(file_fault(name, "cut_off"))
    misfits: list[tuple[int, int, str]] = []
    table = _parse(text, header, name, misfits)
    frame = pl.DataFrame(pl.from_arrow(table), schema_overrides=dict.fromkeys(header, pl.String))
    numbered = _numbered(frame.drop(REASONS, strict=False), {row for row, _, _ in misfits})
    unended = not text.endswith((b"\n", b"\r"))
    _whole(numbered, misfits, len(header) if unended else 0, name)
    rows = numbered.with_columns(pl.col(pl.String).str.strip_chars().replace("", None))
    filled = rows.filter(pl.any_horizontal(pl.exclude(ROW).is_not_null()))
    torn = pl.DataFrame([(row, line) for row, _, line in misfits], schema=_no_misfits().schema, orient="row")
    return RawTable(filled, torn, content_hash, encoding, header[-1] if unended else None)


def _parse(text: bytes, header: Sequence[str], name: str, misfits: list[tuple[int, int, str]]) -> Any:
    def note(row: Any) -> str:
        misfits.append((row.number, row.actual_columns, row.text))
        return "skip"

    try:
        return arrow_csv.read_csv(
            io.BytesIO(text),
            arrow_csv.ReadOptions(use_threads=False, column_names=list(header), skip_rows=1),
            arrow_csv.ParseOptions(
                newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=note
            ),
            arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(header, arrow.string()),
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
                null_values=[""],
            ),
        )
    except arrow.ArrowInvalid as fault:
        raise FileRefused(file_fault(name, "unreadable")) from fault


def header_of(text: bytes, name: str) -> list[str]:
    """The column names of a CSV; FileRefused for a header that cannot be one."""
    refuse_utf16(text, name)
    first = text.removeprefix(codecs.BOM_UTF8).split(b"\n", 1)[0].rstrip(b"\r")
    line = first.decode(errors="replace")
    names = [column.strip().strip('"').strip() for column in line.split(",")]
    if not any(names):
        raise FileRefused(file_fault(name, "empty"))
    if len(names) == 1 and any(sign in line for sign in (";", "\t", "|")):
        raise FileRefused(file_fault(name, "separator"))
    return names


def repeated_in(names: Collection[str]) -> list[str]:
    """The names that appear more than once."""
    return [name or "(empty)" for name, times in Counter(names).items() if times > 1]


def _numbered(frame: pl.DataFrame, skipped: set[int]) -> pl.DataFrame:
    """With the number each row has in the file, where the header is row 1."""
    total = frame.height + len(skipped)
    numbers = pl.int_range(2, total + 2, eager=True, dtype=pl.UInt32)
    if skipped:
        numbers = numbers.filter(~numbers.is_in(pl.Series(sorted(skipped), dtype=pl.UInt32).implode()))
    return frame.insert_column(0, numbers.alias(ROW))


def _whole(frame: pl.DataFrame, misfits: Sequence[tuple[int, int, str]], width: int, name: str) -> None:
    """FileRefused for a last row of fewer fields than `width`, or a line break inside a value."""
    last = max((row for row in (frame[ROW].max(), *(row for row, _, _ in misfits)) if row), default=0)
    if any(row == last and fields < width for row, fields, _ in misfits):
        raise FileRefused(file_fault(name, "cut_off"))
    broken = frame.filter(pl.any_horizontal(pl.col(pl.String).str.contains("\n", literal=True)))
    if not broken.is_empty():
        raise FileRefused(file_fault(name, "line_break", str(broken[ROW][0])))


def _no_misfits() -> pl.DataFrame:
    return pl.DataFrame(schema={ROW: pl.UInt32, "text": pl.String})
