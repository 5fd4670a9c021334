"""`qianmian catalog template` and what an import from a filled template reports."""

from __future__ import annotations

import csv
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

import catalog
from catalog.exporters.spreadsheet import rows_of
from catalog.exporters.workbook import write_csv_folder, write_workbook
from catalog.faults import CatalogueError, Fault
from catalog.importers.spreadsheet import SpreadsheetReport, import_spreadsheet
from catalog.importers.spreadsheet_layout import layout
from catalog.reading import read_sheets
from commands.console import OUT, Refusal, table

_SHOWN = 50
"""Of how many reasons the console is told; the file beside the folder has all."""


class Filling(StrEnum):
    """What a template is handed out with."""

    NOTHING = "nothing"
    REGISTERS = "registers"
    EVERYTHING = "everything"


def template(
    out: Annotated[
        Path, typer.Argument(help="The workbook (.xlsx) to write, or a new folder for CSV files.")
    ],
    fill: Annotated[
        Filling, typer.Option(help="Registers: the attributes, papers and themes every district shares.")
    ] = Filling.REGISTERS,
    source: Annotated[
        Path, typer.Option("--from", help="The catalogue folder it is filled from.", exists=True)
    ] = Path(catalog.__file__).parent / "data",
) -> None:
    """Write the spreadsheet that another district fills in with its services, policies and events."""
    if out.exists():
        raise Refusal(f"{out} is there already: name a new file or folder")
    faults: list[Fault] = []
    sheets = read_sheets(source, faults)
    if faults:
        raise Refusal(str(CatalogueError(faults)))
    rows = rows_of(sheets, layout(), fill.value)
    write = write_workbook if out.suffix.lower() == ".xlsx" else write_csv_folder
    write(rows, layout(), out)
    OUT.print(f"[green]✓[/] {sum(map(len, rows.values())):,} rows filled in\n  {out}", highlight=False)


def take_spreadsheet(source: Path, out: Path) -> SpreadsheetReport:
    """Import a filled template and say what became of every row; all reasons stand in a file beside `out`."""
    report = import_spreadsheet(source, out)
    shown = table("Rows set aside", "sheet", "row", "column", "what", "remedy")
    for reason in report.set_aside[:_SHOWN]:
        shown.add_row(reason.sheet, str(reason.row), reason.column, reason.what, reason.remedy)
    if report.set_aside:
        OUT.print(shown)
        OUT.print(f"{len(report.set_aside)} reason(s), all in {_write_reasons(report, out)}", highlight=False)
    OUT.print(
        f"{report.rows} rows read, {report.kept} kept, {report.rows_set_aside} set aside; "
        f"{report.items} items, {report.events} events"
    )
    return report


def _write_reasons(report: SpreadsheetReport, out: Path) -> Path:
    path = out.with_name(f"{out.name}.set-aside.csv")
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("sheet", "row", "column", "what", "remedy"))
        writer.writerows((r.sheet, r.row, r.column, r.what, r.remedy) for r in report.set_aside)
    return path
