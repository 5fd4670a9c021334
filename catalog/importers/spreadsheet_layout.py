"""The spreadsheet template as spreadsheet.yaml lays it out: which sheets, which columns, which words."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec

NOTES: Final = "填写说明"
"""The title of the sheet that says how to fill in the others."""
YES_NO: Final = ("是", "否")


class Column(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One column: its key, its Chinese heading, what a cell holds and where that goes."""

    key: str
    zh: str
    kind: str
    path: str | None = None
    required: bool = True
    note: str | None = None

    @property
    def target(self) -> tuple[str, ...]:
        """Where in the YAML sheet a cell goes; nowhere (it is placed by hand) for an empty path."""
        path = self.key if self.path is None else self.path
        return tuple(path.split(".")) if path else ()


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That a sheet's rows are parts of rows of other sheets: which column names the whole, where they go."""

    sheets: tuple[str, ...]
    by: str
    list: str | None = None
    stage: str | None = None
    """The column that numbers the inner list a row goes into."""
    dict: str | None = None
    under: str | None = None
    """The column that is the key in the dict."""

    @property
    def target(self) -> str:
        """The field of the whole that holds its parts."""
        return self.list or self.dict or ""


class SheetLayout(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One sheet of the template."""

    key: str
    zh: str
    note: str
    columns: tuple[Column, ...]
    part_of: Part | None = None

    @property
    def id_column(self) -> Column:
        """The column that names a row."""
        return self.columns[0]

    def column(self, key: str) -> Column:
        """The column of that key. Raises KeyError."""
        return {column.key: column for column in self.columns}[key]


class Layout(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole template."""

    choices: dict[str, dict[str, str]]
    """By kind, the Chinese word for each allowed value."""
    sheets: tuple[SheetLayout, ...]
    notes: tuple[str, ...]

    def sheet(self, key: str) -> SheetLayout:
        """The sheet of that key. Raises KeyError."""
        return {sheet.key: sheet for sheet in self.sheets}[key]

    def parts_of(self, key: str) -> tuple[SheetLayout, ...]:
        """The sheets whose rows are parts of this sheet's rows."""
        return tuple(sheet for sheet in self.sheets if sheet.part_of and key in sheet.part_of.sheets)


@lru_cache(maxsize=1)
def layout() -> Layout:
    """The template's layout."""
    path = Path(__file__).with_name("spreadsheet.yaml")
    return msgspec.yaml.decode(path.read_bytes(), type=Layout)
