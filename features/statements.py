"""What registers said, as it lies in Parquet: one folder a register, one row a statement.

A row is everything the register says of the scope item at that instant, so a newer row takes the
place of an older one whole; an empty cell in it is unknown.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

from catalog.attribute import Attribute
from catalog.catalogue import Catalogue
from catalog.predicate import presence
from catalog.vocabulary import Scope, SubjectKind
from features.freshness import ShelfLife, default_shelf_life
from features.registers import stored_attributes
from features.schema import COLUMN_TYPES

INSTANT: Final = pl.Datetime("us", "UTC")
_SHANGHAI: Final = ZoneInfo("Asia/Shanghai")


def end_of(on: dt.date) -> dt.datetime:
    """The last microsecond of a business day, in UTC: all that was said on the day has been said."""
    return dt.datetime.combine(on, dt.time.max, _SHANGHAI).astimezone(dt.UTC)


def business_day(at: dt.datetime) -> dt.date:
    """The day it is in Shanghai at that (aware) instant."""
    return at.astimezone(_SHANGHAI).date()


def statement_columns(attributes: tuple[Attribute, ...]) -> dict[str, pl.DataType]:
    """The attribute columns of a register's statements: by name, then `has_<name>` of the optional."""
    columns = {attribute.name: COLUMN_TYPES[attribute.type] for attribute in attributes}
    return columns | {presence(a.name): pl.Boolean() for a in attributes if a.optional}


@dataclass(frozen=True)
class AttributeHistory:
    """All that registers ever said, under `<path>/<kind>.<scope>/<register>/*.parquet`."""

    path: Path
    catalogue: Catalogue
    shelf_life: ShelfLife = field(default_factory=default_shelf_life)

    def statements(self, kind: SubjectKind, scope: Scope, register: str) -> pl.LazyFrame:
        """All statements of one register: `scope_item`, `observed_at` and the columns the catalogue knows.

        What a file lacks is null, what it has beyond the catalogue is left out. Later files come later.
        """
        attributes = stored_attributes(self.catalogue, kind, scope, register)
        columns = {"scope_item": pl.String(), "observed_at": INSTANT, **statement_columns(attributes)}
        files = sorted((self.path / f"{kind}.{scope}" / register).rglob("*.parquet"))
        if not files:
            return pl.LazyFrame(schema=columns)
        return pl.concat([_conformed(file, columns) for file in files])

    def latest(self, kind: SubjectKind, scope: Scope, register: str, until: dt.datetime) -> pl.LazyFrame:
        """The register's last statement on each scope item until an instant, where it still holds then."""
        return latest(self.statements(kind, scope, register), until, self.shelf_life.of(register))


def latest(statements: pl.LazyFrame, until: dt.datetime, life: dt.timedelta) -> pl.LazyFrame:
    """The last statement on each scope item until an instant, where it still holds then.

    Of statements of one instant the one that came later counts.
    """
    held = pl.col("observed_at").is_between(until - life, until, closed="right")
    numbered = statements.filter(held).with_row_index("__row")
    last = (
        numbered.select("__row", "scope_item", "observed_at")
        .sort("observed_at", "__row")
        .unique("scope_item", keep="last", maintain_order=True)
    )
    return numbered.join(last.select("__row"), on="__row", how="semi").drop("__row")


def _conformed(file: Path, columns: dict[str, pl.DataType]) -> pl.LazyFrame:
    held = pl.read_parquet_schema(file)
    return pl.scan_parquet(file).select(
        pl.col(name).cast(type_) if name in held else pl.lit(None, dtype=type_).alias(name)
        for name, type_ in columns.items()
    )
