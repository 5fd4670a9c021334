"""The spreadsheet template, filled in by another district, imported as a catalogue's folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from openpyxl.utils import get_column_letter

from catalog.importers.folder import write_sheet
from catalog.importers.spreadsheet_layout import layout
from catalog.importers.spreadsheet_reading import Table, read_tables
from catalog.importers.spreadsheet_review import Review
from catalog.importers.spreadsheet_rows import things_of
from catalog.loader import load_catalogue
from catalog.reading import Entry, Sheets
from catalog.sheets import ConsentGroupsSheet, ThemesSheet


class SetAside(msgspec.Struct, frozen=True, order=True):
    """One reason why one row was not taken over."""

    sheet: str
    """As it is called in the file."""
    row: int
    column: str
    """Its letter and key; empty where the whole row is meant."""
    what: str
    remedy: str

    def __str__(self) -> str:
        where = f"{self.sheet} row {self.row}" + (f", column {self.column}" if self.column else "")
        return f"{where}: {self.what} -> {self.remedy}"


class SpreadsheetReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of every row: kept, or set aside with all the reasons why."""

    rows: int
    kept: int
    items: int
    events: int
    set_aside: tuple[SetAside, ...]

    @property
    def rows_set_aside(self) -> int:
        """How many rows were not taken over; with `kept` they are all rows there are."""
        return len({(each.sheet, each.row) for each in self.set_aside})


def import_spreadsheet(source: Path, out: Path) -> SpreadsheetReport:
    """Write the sound rows of a filled template (.xlsx, or a folder of CSV files) as a folder at `out`.

    Raises FileNotFoundError, or SpreadsheetError for a file that is not the template.
    """
    form = layout()
    tables = read_tables(source, form)
    things = things_of(tables, form)
    review = Review(things)
    sheets = review.run()
    _write(sheets, out)
    load_catalogue(out)
    return SpreadsheetReport(
        rows=len(things.rows),
        kept=len(things.rows) - len(review.reasons),
        items=len(sheets.public_services) + len(sheets.support_policies),
        events=len(sheets.events),
        set_aside=tuple(
            sorted(
                SetAside(tables[sheet].title, row, _column(tables[sheet], column), what, remedy)
                for (sheet, row), reasons in review.reasons.items()
                for column, what, remedy in reasons
            )
        ),
    )


def _column(table: Table, key: str) -> str:
    place = table.columns.get(key)
    return key if place is None else f"{get_column_letter(place + 1)} ({key})"


def _write(sheets: Sheets, out: Path) -> None:
    named: dict[str, list[Entry[Any]]] = {
        "attributes": sheets.authorities,
        "evidence_types": sheets.evidence_types,
        "parameters": sheets.parameters,
        "public_services": sheets.public_services,
        "support_policies": sheets.support_policies,
        "events": sheets.events,
    }
    for folder, entries in named.items():
        for entry in entries:
            write_sheet(entry.sheet, out / folder / f"{entry.id}.yaml")
    themes = tuple(theme for entry in sheets.themes for theme in entry.sheet.themes)
    groups = tuple(group for entry in sheets.consent_groups for group in entry.sheet.consent_groups)
    write_sheet(ThemesSheet(themes=themes), out / "themes.yaml")
    write_sheet(ConsentGroupsSheet(consent_groups=groups), out / "consent_groups.yaml")
