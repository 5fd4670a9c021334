"""Where each feature view's history lies: one folder of Parquet files a view under the offline path."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from feast import FileSource

EVENT_TIMESTAMP: Final = "event_timestamp"


def view_folder(offline: Path, view: str) -> Path:
    """The folder of a view's history."""
    return offline / "views" / view


def view_source(offline: Path, view: str) -> FileSource:
    """The view's history as Feast reads it."""
    return FileSource(
        name=f"{view}_history",
        path=str(view_folder(offline, view) / "*.parquet"),
        timestamp_field=EVENT_TIMESTAMP,
    )
