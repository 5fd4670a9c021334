"""Reading a filled template into rows of text: a workbook, or a folder of CSV files of the same columns."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from catalog.importers.spreadsheet_layout import NOTES, Layout, SheetLayout

_HEADER_ROWS: Final = 2
"""Among how many rows at the top the one with the columns' names is looked for."""


class SpreadsheetError(ValueError):
    """A file that is not the template filled in; says everything that is wrong with its build."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row that is not blank: its cells that are not blank, by column, and what is no plain value."""

    sheet: str
    number: int
    cells: dict[str, str]
    unreadable: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By column, what is wrong and the remedy."""


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet as filled in: what it is called in the file, which column stands where, its rows."""

    title: str
    columns: dict[str, int]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class _Unreadable:
    what: str
    remedy: str


Grid = list[list["str | _Unreadable"]]


def read_tables(source: Path, layout: Layout) -> dict[str, Table]:
    """The sheets of a workbook (.xlsx) or a folder of CSV files, by key; a sheet that is not there is empty.

    Raises FileNotFoundError, or SpreadsheetError for a file, sheets or columns that are not the template's.
    """
    if not source.exists():
        raise FileNotFoundError(source)
    grids = dict(_csv_files(source) if source.is_dir() else _workbook(source))
    known = {name: sheet for sheet in layout.sheets for name in (sheet.key, sheet.zh)}
    faults: list[str] = []
    tables: dict[str, Table] = {}
    for title, grid in grids.items():
        if title == NOTES or not any(map(any, grid)):
            continue
        if title not in known:
            names = ", ".join(f"{sheet.zh} ({sheet.key})" for sheet in layout.sheets)
            faults.append(f"`{title}` is no sheet of the template -> remove it, or name it one of {names}")
        elif known[title].key in tables:
            faults.append(f"`{title}` is there twice -> put its rows into one sheet")
        else:
            tables[known[title].key] = _table(title, grid, known[title], faults)
    if not tables and not faults:
        faults.append(f"{source.name} holds no row -> fill in the sheets of `qianmian catalog template`")
    if faults:
        raise SpreadsheetError(f"{len(faults)} fault(s) in the build of {source.name}:\n" + "\n".join(faults))
    return tables


def _table(title: str, grid: Grid, sheet: SheetLayout, faults: list[str]) -> Table:
    keys = {name: column.key for column in sheet.columns for name in (column.key, column.zh)}
    headers = [[_heading(cell) for cell in row] for row in grid[:_HEADER_ROWS]]
    fitting = [number for number, row in enumerate(headers) if sum(name in keys for name in row) > 1]
    if not fitting:
        wanted = ", ".join(column.key for column in sheet.columns)
        faults.append(f"`{title}` has no row with the columns' names -> put them on top: {wanted}")
        return Table(title, {}, ())
    last = fitting[-1]
    columns: dict[str, int] = {}
    for place, name in enumerate(headers[last]):
        if name and name not in keys:
            faults.append(f"`{title}` has an unknown column `{name}` -> use one of {', '.join(keys)}")
        elif name and keys[name] in columns:
            faults.append(f"`{title}` has the column `{name}` twice -> keep one of the two")
        elif name:
            columns[keys[name]] = place
    placed = set(columns.values())
    for number, row in enumerate(grid[last + 1 :], start=last + 2):
        strays = [cell for place, cell in enumerate(row) if cell and place not in placed]
        if strays:
            faults.append(f"`{title}` row {number} has a cell in no column -> name the column, or clear it")
    rows = (_row(sheet.key, number, row, columns) for number, row in enumerate(grid, start=1))
    return Table(title, columns, tuple(row for row in rows if row and row.number > last + 1))


def _heading(cell: str | _Unreadable) -> str:
    return cell.rstrip("*＊ ").strip() if isinstance(cell, str) else ""


def _row(sheet: str, number: int, cells: list[str | _Unreadable], columns: dict[str, int]) -> Row | None:
    here = {key: cells[place] for key, place in columns.items() if place < len(cells) and cells[place]}
    if not here:
        return None
    return Row(
        sheet,
        number,
        {key: cell for key, cell in here.items() if isinstance(cell, str)},
        {key: (cell.what, cell.remedy) for key, cell in here.items() if isinstance(cell, _Unreadable)},
    )


def _workbook(path: Path) -> Iterator[tuple[str, Grid]]:
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=False)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, OSError, ValueError) as error:
        raise SpreadsheetError(f"{path.name} is no workbook ({error}) -> save it as .xlsx") from error
    try:
        for sheet in book.worksheets:
            sheet.reset_dimensions()
            yield sheet.title.strip(), [[_cell(cell) for cell in row] for row in sheet.iter_rows()]
    finally:
        book.close()


def _cell(cell: Any) -> str | _Unreadable:  # noqa: PLR0911 - one return a kind of cell
    value = cell.value
    if cell.data_type == "f":
        return _Unreadable(f"a formula `{value}`", "paste its value in its place")
    if cell.data_type == "e":
        return _Unreadable(f"the error `{value}`", "write the value that is meant")
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case dt.datetime() if value.time() == dt.time():
            return value.date().isoformat()
        case dt.datetime() | dt.date() | dt.time():
            return value.isoformat()
    return str(value).strip()


def _csv_files(folder: Path) -> Iterator[tuple[str, Grid]]:
    for path in sorted(folder.glob("*.csv")):
        rows = csv.reader(io.StringIO(_decoded(path), newline=""))
        try:
            yield path.stem, [[cell.strip() for cell in row] for row in rows]
        except csv.Error as error:
            raise SpreadsheetError(
                f"{path.name} is no CSV file: {error} -> save it as CSV (UTF-8)"
            ) from error


def _decoded(path: Path) -> str:
    """UTF-8, or what a Chinese Excel saves as plain CSV."""
    content = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SpreadsheetError(f"{path.name} is neither UTF-8 nor GB 18030 -> save it as CSV (UTF-8)")
