"""Rows turned into the trees that the loader's checks read, with the place of every cell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from catalog.document import Node
from catalog.faults import WordingError
from catalog.importers.spreadsheet_cells import Value, value_of
from catalog.importers.spreadsheet_layout import Column, Layout, Part, SheetLayout
from catalog.importers.spreadsheet_places import Place, Places
from catalog.importers.spreadsheet_reading import Row, Table

Fault = tuple[Place, str, str]
"""Where, what is wrong, the remedy."""
RowKey = tuple[str, int]
_TOP: Final = 1


@dataclass(slots=True)
class Things:
    """All rows by what they name, and what is wrong with single cells."""

    layout: Layout
    rows: dict[RowKey, Row] = field(default_factory=dict)
    values: dict[RowKey, dict[str, Value]] = field(default_factory=dict)
    """Of each row, the cells that hold what their columns ask for."""
    named: dict[str, dict[str, RowKey]] = field(default_factory=dict)
    """By sheet and id, the row that first gives it."""
    wholes: dict[RowKey, RowKey] = field(default_factory=dict)
    """Of each row that is a part, the row it is a part of."""
    parts: dict[RowKey, list[RowKey]] = field(default_factory=dict)
    """Of each row that has parts, their rows in order."""
    faults: list[Fault] = field(default_factory=list)

    def note(self, key: RowKey, column: str, what: str, remedy: str) -> None:
        """Note a fault of one cell."""
        self.faults.append((Place(*key, column), what, remedy))


def things_of(tables: dict[str, Table], layout: Layout) -> Things:
    """All rows of a spreadsheet, their cells converted, every misfit noted."""
    things = Things(layout)
    for sheet in layout.sheets:
        things.named[sheet.key] = {}
        for row in tables[sheet.key].rows if sheet.key in tables else ():
            things.rows[row.sheet, row.number] = row
            things.values[row.sheet, row.number] = dict(_values(row, sheet, things))
            if sheet.part_of is None:
                _name(row, sheet, things)
    for sheet in layout.sheets:
        if sheet.part_of is not None:
            _join(sheet, sheet.part_of, things)
    return things


def _values(row: Row, sheet: SheetLayout, things: Things) -> Iterator[tuple[str, Value]]:
    key = row.sheet, row.number
    for column in sheet.columns:
        if column.key in row.unreadable:
            things.note(key, column.key, *row.unreadable[column.key])
        elif column.key not in row.cells:
            if column.required:
                things.note(key, column.key, f"`{column.key}` ({column.zh}) is empty", "fill it in")
        else:
            try:
                yield column.key, value_of(row.cells[column.key], column, things.layout)
            except WordingError as error:
                things.note(key, column.key, error.what, error.remedy)


def _name(row: Row, sheet: SheetLayout, things: Things) -> None:
    """Remember what a row names; an id may be given once, in all sheets whose rows have the same parts."""
    key, column = (row.sheet, row.number), sheet.id_column.key
    if column not in row.cells:
        return
    name = row.cells[column]
    shared = {sheet.key, *(other for part in things.layout.parts_of(sheet.key) for other in _wholes(part))}
    first = next((things.named[of][name] for of in shared if name in things.named.get(of, {})), None)
    if first is None:
        things.named[sheet.key][name] = key
    else:
        where = f"row {first[1]} of {things.layout.sheet(first[0]).zh} ({first[0]})"
        things.note(
            key, column, f"`{name}` is already in {where}", "give it another id, or remove one of the two"
        )


def _wholes(sheet: SheetLayout) -> tuple[str, ...]:
    return sheet.part_of.sheets if sheet.part_of else ()


def _join(sheet: SheetLayout, part: Part, things: Things) -> None:
    """Hang each row of a sheet of parts under the row it names."""
    given: set[tuple[RowKey, str]] = set()
    for key in [key for key in things.rows if key[0] == sheet.key]:
        cells = things.rows[key].cells
        if part.by not in cells:
            continue
        name = cells[part.by]
        found = [things.named[of][name] for of in part.sheets if name in things.named[of]]
        if not found:
            where = ", ".join(f"{things.layout.sheet(of).zh} ({of})" for of in part.sheets)
            things.note(
                key, part.by, f"`{name}` is in no row of {where}", "add it there, or correct the name"
            )
            continue
        things.wholes[key] = found[0]
        things.parts.setdefault(found[0], []).append(key)
        if part.under and part.under in cells:
            if (found[0], cells[part.under]) in given:
                things.note(key, part.under, f"`{cells[part.under]}` is given twice", "keep one of the two")
            given.add((found[0], cells[part.under]))


def node_of(things: Things, key: RowKey, left_out: frozenset[RowKey], places: Places) -> Node:
    """The tree of one row and its parts, as if it had been written in YAML."""
    sheet = things.layout.sheet(key[0])
    tree: dict[str, Node] = {}
    for column in sheet.columns:
        value = things.values[key].get(column.key)
        if value is not None and column.target:
            _plant(tree, column, _valued(value, Place(*key, column.key), places), places)
    for parts in things.layout.parts_of(key[0]):
        rows = [row for row in things.parts.get(key, ()) if row[0] == parts.key and row not in left_out]
        if rows and parts.part_of is not None:
            tree[parts.part_of.target] = _joined(things, rows, parts, left_out, places)
    return places.node(tree, Place(*key))


def _plant(tree: dict[str, Node], column: Column, node: Node, places: Places) -> None:
    *way, last = column.target
    for step in way:
        branch = tree.setdefault(step, places.node({}, places.of(node.line)))
        tree = branch.entries
    tree[last] = node


def _valued(value: Value, place: Place, places: Places) -> Node:
    if isinstance(value, list):
        return places.node([places.node(each, place) for each in value], place)
    if isinstance(value, dict):
        return places.node({name: places.node(each, place) for name, each in value.items()}, place)
    return places.node(value, place)


def _joined(
    things: Things, rows: list[RowKey], sheet: SheetLayout, left_out: frozenset[RowKey], places: Places
) -> Node:
    part, place = sheet.part_of, Place(*rows[0])
    nodes = {row: node_of(things, row, left_out, places) for row in rows}
    if part is not None and part.dict and part.under:
        under = {row: str(things.values[row].get(part.under, "")) for row in rows}
        return places.node({under[row]: node for row, node in nodes.items()}, place)
    if part is not None and part.stage:
        stages = {row: things.values[row].get(part.stage, _TOP) for row in rows}
        numbers = sorted({int(str(stage)) for stage in stages.values()})
        grouped = [[nodes[row] for row in rows if stages[row] == number] for number in numbers]
        return places.node([places.node(list(each), place) for each in grouped], place)
    return places.node(list(nodes.values()), place)
