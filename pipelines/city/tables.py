"""The ingest contract's tables as Parquet, written block by block."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

MOMENT = pl.Datetime("us", "UTC")
SCHEMAS: dict[str, dict[str, Any]] = {
    "subjects": {"subject": pl.String, "kind": pl.String},
    "scope_items": {"id": pl.String, "scope": pl.String, "owner": pl.String, "label": pl.String},
    "relations": {
        "subject": pl.String, "other": pl.String, "kind": pl.String, "scope": pl.String,
        "valid_from": pl.Date, "valid_to": pl.Date,
    },
    "evidence": {
        "id": pl.String, "scope_item": pl.String, "type": pl.String, "valid_from": pl.Date,
        "valid_to": pl.Date, "source": pl.String,
    },
    "cases": {
        "id": pl.String, "scope_item": pl.String, "item": pl.String, "cycle": pl.String, "status": pl.String,
        "channel": pl.String, "opened_at": MOMENT, "closed_at": MOMENT,
    },
    "consents": {
        "subject": pl.String, "purpose": pl.String, "target": pl.String, "granted_at": MOMENT,
        "withdrawn_at": MOMENT, "text_version": pl.String,
    },
    "interactions": {
        "client_id": pl.String, "subject": pl.String, "scope_item": pl.String, "item": pl.String,
        "kind": pl.String, "channel": pl.String, "query": pl.String, "slate": pl.String,
        "position": pl.Int64, "propensity": pl.Float64, "at": MOMENT,
    },
    "consultations": {
        "id": pl.String, "subject": pl.String, "topic": pl.String, "channel": pl.String,
        "place": pl.String, "outcome": pl.String, "at": MOMENT,
    },
    "ratings": {
        "subject": pl.String, "item": pl.String, "case": pl.String, "score": pl.Int64, "source": pl.String,
        "at": MOMENT,
    },
}  # fmt: skip


@dataclass(slots=True)
class TableWriter:
    """Writes each table to `<out>/<name>.parquet`, row group by row group."""

    out: Path
    rows: dict[str, int] = field(default_factory=dict)
    _open: dict[str, pq.ParquetWriter] = field(default_factory=dict)

    def write(self, name: str, frame: pl.DataFrame) -> None:
        """Append a frame to a table, in the schema of the contract where there is one."""
        schema = SCHEMAS.get(name)
        if schema is not None:
            frame = frame.select([pl.col(column).cast(dtype) for column, dtype in schema.items()])
        self._append(name, frame.to_arrow(compat_level=pl.CompatLevel.oldest()))

    def absorb(self, folder: Path) -> None:
        """Append every table another writer left in a folder, and remove the folder."""
        for path in sorted(folder.rglob("*.parquet")):
            file = pq.ParquetFile(path)
            for group in range(file.num_row_groups):
                self._append(str(path.relative_to(folder).with_suffix("")), file.read_row_group(group))
        shutil.rmtree(folder)

    def _append(self, name: str, table: pa.Table) -> None:
        writer = self._open.get(name)
        if writer is None:
            path = self.out / f"{name}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            writer = self._open[name] = pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)
        self.rows[name] = self.rows.get(name, 0) + table.num_rows

    def close(self) -> None:
        """Finish every file."""
        for name, schema in SCHEMAS.items():
            if name not in self._open:
                self.write(name, pl.DataFrame(schema=schema))
        for writer in self._open.values():
            writer.close()
