"""Observed attributes as Parquet, one folder a register, one file a batch."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl

from catalog.predicate import presence
from pipelines.ingest.casting import dtype_of
from pipelines.ingest.contract import Absent, Contract


def register_folder(attributes: Path, table: str) -> Path:
    """Where a register's statements are: `<kind>.<scope>/<register>`."""
    kind, scope, register = table.split(".", 2)
    return attributes / f"{kind}.{scope}" / register


def with_presence(typed: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """A value says that there is one, whether or not its presence column does."""
    told = [check.column for check in contract.checks if isinstance(check, Absent)]
    return typed.with_columns(
        pl.when(pl.col(name).is_not_null()).then(True).otherwise(pl.col(presence(name))).alias(presence(name))
        for name in told
    )


def held_statements(folder: Path, contract: Contract, distinct: pl.DataFrame) -> pl.DataFrame:
    """What the register has said before of the same scope items at the same times."""
    schema = {column.name: dtype_of(column) for column in contract.columns}
    files = sorted(folder.glob("*.parquet"))
    if not files:
        return pl.DataFrame(schema=schema)
    held = pl.concat([pl.scan_parquet(file) for file in files], how="diagonal")
    told = held.join(distinct.select(contract.key).lazy(), on=list(contract.key), how="semi").collect()
    return told.select(
        pl.col(name) if name in told.columns else pl.lit(None, dtype).alias(name)
        for name, dtype in schema.items()
    )


def last_statements(folder: Path, told: pl.DataFrame) -> pl.DataFrame:
    """The register's last statement on each scope item that is told of; of one instant the later file's."""
    files = sorted(folder.glob("*.parquet"))
    every = pl.concat([pl.scan_parquet(file) for file in files], how="diagonal").with_row_index("__row")
    theirs = every.join(told.select("scope_item").unique().lazy(), on="scope_item", how="semi")
    return theirs.sort("observed_at", "__row").group_by("scope_item").last().drop("__row").collect()


def stage_statements(rows: pl.DataFrame, contract: Contract, target: Path) -> Path:
    """Write the rows beside their target under a name nobody reads; `publish` gives it its own."""
    target.parent.mkdir(parents=True, exist_ok=True)
    staged = target.with_name(f".{target.name}.part")
    columns = [column.name for column in contract.columns]
    rows.select(columns).sort(contract.key).write_parquet(staged, statistics=True)
    return staged


def publish(staged: Path, target: Path) -> None:
    """All of the file at once, even if the power fails."""
    with staged.open("rb") as stream:
        os.fsync(stream.fileno())
    staged.replace(target)
