"""Where each feature view's history lies: one Parquet file a view under the offline path."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from feast import FileSource

EVENT_TIMESTAMP: Final = "event_timestamp"


def view_file(offline: Path, view: str) -> Path:
    """The file that holds a view's history."""
    return offline / "views" / f"{view}.parquet"


def view_source(offline: Path, view: str) -> FileSource:
    """The view's history as Feast reads it."""
    return FileSource(
        name=f"{view}_history", path=str(view_file(offline, view)), timestamp_field=EVENT_TIMESTAMP
    )
