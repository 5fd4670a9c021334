"""A catalogue's sheets as rows of the spreadsheet template, which its importer reads back to the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, Literal

import msgspec

from catalog.importers.folder import plain
from catalog.importers.spreadsheet_cells import text_of
from catalog.importers.spreadsheet_layout import Layout, Part, SheetLayout
from catalog.reading import Sheets

Rows = dict[str, list[dict[str, str]]]
"""By sheet, its rows: the text of each filled cell by column."""
Fill = Literal["nothing", "registers", "everything"]
_REGISTERS: Final = (
    *("themes", "consent_groups", "attributes", "values", "evidence_types", "parameters", "figures"),
)
"""The sheets every district shares: what items are sorted by, ask for and judge by."""


def rows_of(sheets: Sheets, layout: Layout, fill: Fill = "everything") -> Rows:
    """The rows that say these sheets: all of them, only the shared registers, or none."""
    rows: Rows = {sheet.key: [] for sheet in layout.sheets}
    if fill != "nothing":
        for key, thing in _things(sheets):
            if fill == "everything" or key in _REGISTERS:
                _add(thing, layout.sheet(key), layout, rows)
    return rows


def _things(sheets: Sheets) -> Iterator[tuple[str, dict[str, Any]]]:
    """Everything authored, one mapping a row, with what the file's place says written into it."""
    for themes in sheets.themes:
        yield from (("themes", plain(theme)) for theme in themes.sheet.themes)
    for groups in sheets.consent_groups:
        yield from (("consent_groups", plain(group)) for group in groups.sheet.consent_groups)
    yield from _plainly("services", (entry.sheet for entry in sheets.public_services))
    yield from _plainly("policies", (entry.sheet for entry in sheets.support_policies))
    yield from _plainly("events", (entry.sheet for entry in sheets.events))
    for office in sheets.authorities:
        for name, attribute in office.sheet.attributes.items():
            register = office.sheet.registers[attribute.subject]
            more = {"name": name, "authority": office.sheet.authority, "register": register}
            yield "attributes", {**plain(attribute), **more}
    for types in sheets.evidence_types:
        for name, paper in types.sheet.evidence_types.items():
            yield "evidence_types", {**plain(paper), "id": name}
    yield from _plainly("parameters", (entry.sheet for entry in sheets.parameters))


def _plainly(key: str, sheets: Iterable[msgspec.Struct]) -> Iterator[tuple[str, dict[str, Any]]]:
    return ((key, plain(sheet)) for sheet in sheets)


def _add(thing: dict[str, Any], sheet: SheetLayout, layout: Layout, rows: Rows) -> None:
    row: dict[str, str] = {}
    for column in sheet.columns:
        value: Any = thing
        for step in column.target or (column.key,):
            value = value.get(step) if isinstance(value, dict) else None
        if value is not None and value not in ([], ""):
            row[column.key] = text_of(value, column, layout)
    rows[sheet.key].append(row)
    for parts in layout.parts_of(sheet.key):
        if parts.part_of is not None:
            for part in _parts(thing, row[sheet.id_column.key], parts.part_of):
                _add(part, parts, layout, rows)


def _parts(thing: dict[str, Any], name: str, part: Part) -> Iterator[dict[str, Any]]:
    """The parts of a thing, each with the name of the whole and of its place in it."""
    inner = thing.get(part.target) or ()
    if part.under:
        for key, each in dict(inner).items():
            yield {**each, part.by: name, part.under: key}
    elif part.stage:
        for number, stage in enumerate(inner, start=1):
            for each in stage:
                yield {**each, part.by: name, part.stage: number}
    else:
        for each in inner:
            yield {**each, part.by: name}
