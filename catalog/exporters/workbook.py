"""The spreadsheet template as a workbook people fill in: headings, notes, drop-downs; or as CSV files."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from catalog.exporters.spreadsheet import Rows
from catalog.importers.spreadsheet_layout import NOTES, YES_NO, Column, Layout, SheetLayout

FIRST_ROW: Final = 3
"""Where rows begin, below the Chinese headings and the columns' keys."""
_ROOM: Final = 5000
"""How many rows drop-downs reach beyond those filled in."""
_LONGEST_CELL: Final = 32_767
_WIDE: Final = 36
_NARROW: Final = 16
_WIDE_COLUMNS: Final = frozenset({"when", "legal_basis", "evidence", "note", "benefit_zh", "benefit_en"})


def write_workbook(rows: Rows, layout: Layout, out: Path) -> None:
    """Write the template with these rows in it. Raises ValueError for a text no cell has room for."""
    book = Workbook()
    notes = book.active
    if not isinstance(notes, Worksheet):
        raise TypeError("a new workbook has a worksheet")
    _write_notes(notes, layout)
    for sheet in layout.sheets:
        _write_sheet(book.create_sheet(sheet.zh), sheet, rows[sheet.key], layout)
    out.parent.mkdir(parents=True, exist_ok=True)
    book.save(out)


def write_csv_folder(rows: Rows, layout: Layout, out: Path) -> None:
    """Write the same as one CSV file a sheet, in UTF-8 as Excel reads it."""
    out.mkdir(parents=True, exist_ok=True)
    for sheet in layout.sheets:
        with (out / f"{sheet.key}.csv").open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(heading(column) for column in sheet.columns)
            writer.writerow(column.key for column in sheet.columns)
            writer.writerows([row.get(column.key, "") for column in sheet.columns] for row in rows[sheet.key])


def heading(column: Column) -> str:
    """A column's Chinese heading, marked where it must be filled in."""
    return f"{column.zh}*" if column.required else column.zh


def _write_notes(sheet: Worksheet, layout: Layout) -> None:
    sheet.title = NOTES
    sheet.column_dimensions["A"].width = 120
    contents = [f"{each.zh} ({each.key})：{each.note}" for each in layout.sheets]
    for number, line in enumerate((*layout.notes, "", "各表", *contents), start=1):
        _set(sheet, number, 1, line)
    sheet["A1"].font = Font(bold=True, size=14)


def _write_sheet(sheet: Worksheet, form: SheetLayout, rows: list[dict[str, str]], layout: Layout) -> None:
    for place, column in enumerate(form.columns, start=1):
        _set(sheet, 1, place, heading(column))
        _set(sheet, 2, place, column.key)
        sheet.cell(1, place).font = Font(bold=True)
        sheet.cell(1, place).fill = PatternFill("solid", fgColor="E7EEF7")
        sheet.cell(2, place).font = Font(italic=True, color="808080")
        if column.note:
            sheet.cell(1, place).comment = Comment(column.note, "qianmian")
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = _WIDE if column.key in _WIDE_COLUMNS else _NARROW
        # Text, so that Excel leaves codes, dates and conditions as they were typed.
        sheet.column_dimensions[letter].number_format = "@"
        if validation := _validation(column, layout):
            sheet.add_data_validation(validation)
            validation.add(f"{letter}{FIRST_ROW}:{letter}{FIRST_ROW + len(rows) + _ROOM}")
    for number, cells in enumerate(rows, start=FIRST_ROW):
        for place, column in enumerate(form.columns, start=1):
            if column.key in cells:
                _set(sheet, number, place, cells[column.key])
    sheet.freeze_panes = f"B{FIRST_ROW}"


def _set(sheet: Worksheet, row: int, column: int, text: str) -> None:
    if len(text) > _LONGEST_CELL:
        raise ValueError(f"row {row} of {sheet.title}: a text of {len(text)} characters fits no cell")
    cell: Any = sheet.cell(row, column, text)
    cell.data_type = "s"  # also where it begins with `=`: it is a text, no formula
    cell.number_format = "@"
    if "\n" in text:
        cell.alignment = Alignment(wrap_text=True, vertical="top")


def _validation(column: Column, layout: Layout) -> DataValidation | None:
    """The drop-down of a column whose values are limited; other sheets' ids are offered, not forced."""
    offered = list(_offered(column, layout))
    if offered:
        listed = '"' + ",".join(offered) + '"'
        made = DataValidation(type="list", formula1=listed, allow_blank=True, showErrorMessage=True)
        made.errorTitle, made.error = "请从下拉框选", f"{column.zh}：{'、'.join(offered)}"
        return made
    named = next((sheet for sheet in layout.sheets if sheet.key == column.kind), None)
    if named is None:
        return None
    ids = f"'{named.zh}'!$A${FIRST_ROW}:$A${FIRST_ROW + _ROOM}"
    return DataValidation(type="list", formula1=ids, allow_blank=True, showErrorMessage=False)


def _offered(column: Column, layout: Layout) -> Iterator[str]:
    if column.kind == "flag":
        yield from YES_NO
    yield from layout.choices.get(column.kind, {}).values()
