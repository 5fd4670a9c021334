"""Which rows of a spreadsheet can be kept, and what is wrong with each of the others: all of it at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from catalog.expression import parse_condition
from catalog.faults import WordingError
from catalog.importers.spreadsheet_places import Place, Places
from catalog.importers.spreadsheet_rows import Fault, RowKey, Things
from catalog.importers.spreadsheet_sheets import Gathering
from catalog.loader import assembled
from catalog.predicate import attributes_of
from catalog.reading import Sheets
from catalog.shape import Page

_ENTRY: Final = re.compile(r"^[\w-]+: ")
_NAMED: Final = re.compile(r"`([^`]+)`")
_OF_THE_PARTS: Final = ("", "type")
"""Where a check complains of a thing whose parts are missing: of the row itself, or of an enum's type."""


@dataclass(slots=True)
class Review:
    """What was found: rows left out with their reasons, and the sheets of all others."""

    things: Things
    reasons: dict[RowKey, list[tuple[str, str, str]]] = field(default_factory=dict)
    """By row left out: column, what is wrong, remedy."""

    def run(self) -> Sheets:
        """Leave out what is at fault and what rests on it, until all that is left is sound."""
        self._note(self.things.faults)
        self._first_look()
        while True:
            self._with_wholes()
            sheets, faults = self._assemble(frozenset(self.reasons))
            if not faults:
                return sheets
            before = len(self.reasons)
            self._note(faults)
            if len(self.reasons) == before:
                raise RuntimeError(f"a fault in no row: {faults[0]}")

    def _first_look(self) -> None:
        """Check all that can be read, whatever it belongs to, so that one run names every fault."""
        misread = frozenset(self.reasons)
        maimed = {self.things.wholes[row] for row in misread if row in self.things.wholes}
        _, faults = self._assemble(misread, known=misread)
        self._note(f for f in faults if f[0].key not in maimed or f[0].column not in _OF_THE_PARTS)
        unseen = {row for row in self.things.rows if row in misread or self.things.wholes.get(row) in misread}
        for row in sorted(unseen):
            self._note(self._loose_faults(row))

    def _assemble(
        self, left_out: frozenset[RowKey], known: frozenset[RowKey] = frozenset()
    ) -> tuple[Sheets, list[Fault]]:
        gathering = Gathering(self.things, left_out, Places(), Page("", []))
        sheets = gathering.sheets(known)
        assembled(sheets)
        return sheets, gathering.faults()

    def _loose_faults(self, row: RowKey) -> Iterator[Fault]:
        """What can be told of a row without the thing it belongs to: names nobody has, broken conditions."""
        named = self.things.named
        for column in self.things.layout.sheet(row[0]).columns:
            value = self.things.values[row].get(column.key)
            if value is not None and column.kind in named and value not in named[column.kind]:
                yield Place(*row, column.key), f"`{value}` is in no row of {column.kind}", "add or correct it"
        condition = self.things.values[row].get("when")
        if condition is None:
            return
        place = Place(*row, "when")
        try:
            read = set(attributes_of(parse_condition(str(condition))))
        except WordingError as error:
            yield place, error.what, error.remedy
            return
        for name in sorted(read - named["attributes"].keys() - named["parameters"].keys()):
            yield place, f"unknown attribute `{name}`", "add it to the attributes, or correct its name"

    def _note(self, faults: Iterable[Fault]) -> None:
        """Add faults to the reasons of their rows; what rests on a row left out is told which one."""
        known = {name: row for names in self.things.named.values() for name, row in names.items()}
        for place, what, remedy in list(faults):
            told = _ENTRY.sub("", what)
            behind = [known[name] for name in _NAMED.findall(told) if known.get(name) in self.reasons]
            others = [row for row in behind if row != place.key]
            first = f"put right row {others[0][1]} of {self._title(others[0])} first" if others else remedy
            found = self.reasons.setdefault(place.key, [])
            if (place.column, told) not in [reason[:2] for reason in found]:
                found.append((place.column, told, first))

    def _with_wholes(self) -> None:
        """A thing goes with its parts: kept without one of its conditions it would mean something else."""
        for row in list(self.reasons):
            whole = self.things.wholes.get(row)
            if whole is not None and whole not in self.reasons:
                what = f"left out with row {row[1]} of {self._title(row)}, which is a part of it"
                self.reasons[whole] = [("", what, "put that row right")]
        for row in list(self.reasons):
            for part in self.things.parts.get(row, ()):
                if part not in self.reasons:
                    what = f"left out with row {row[1]} of {self._title(row)}, which it is a part of"
                    self.reasons[part] = [("", what, "put that row right")]

    def _title(self, row: RowKey) -> str:
        return f"{self.things.layout.sheet(row[0]).zh} ({row[0]})"
