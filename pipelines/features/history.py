"""The offline history of a named view: one Parquet file a snapshot, all with the same columns."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl

from features.sources import EVENT_TIMESTAMP, view_folder
from features.statements import INSTANT


def write_snapshot(offline: Path, view: str, frame: pl.DataFrame, at: dt.datetime) -> None:
    """Adds what the view held at an instant; written again, the same instant takes the place of itself.

    Snapshots of an earlier catalogue are brought to the columns of this one: what they lack is null.
    """
    folder = view_folder(offline, view)
    folder.mkdir(parents=True, exist_ok=True)
    stamped = frame.with_columns(pl.lit(at, dtype=INSTANT).alias(EVENT_TIMESTAMP))
    file = folder / f"{at:%Y%m%dT%H%M%S%f}.parquet"
    for other in sorted(folder.glob("*.parquet")):
        if other != file and pl.read_parquet_schema(other) != stamped.schema:
            _replace(other, _conformed(pl.read_parquet(other), stamped.schema))
    _replace(file, stamped)


def _conformed(frame: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    return frame.select(
        pl.col(name).cast(type_) if name in frame.columns else pl.lit(None, dtype=type_).alias(name)
        for name, type_ in schema.items()
    )


def _replace(file: Path, frame: pl.DataFrame) -> None:
    unfinished = file.with_name(f".{file.name}.part")
    frame.write_parquet(unfinished)
    unfinished.replace(file)
