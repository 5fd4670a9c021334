"""Fills an online store that forgot from the copy kept beside it; its epoch is written last."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

import polars as pl

from catalog.catalogue import Catalogue
from features.epoch import Epoch
from features.forgetting import forget, scope_items_in
from features.naming import profile_view_name
from features.registers import kinds_and_scopes, registers_of
from features.registry import PROJECT, StoreLocation
from features.retrieval import OnlineProfiles
from features.statistics_online import read_statistics, write_statistics

if TYPE_CHECKING:
    from feast import FeatureStore

BATCH: Final = 500
"""Scope items copied at a time."""
WITHIN: Final = 3600
"""Seconds after which a process that took on the refill and died no longer keeps others from it."""


def refill(
    location: StoreLocation,
    online: OnlineProfiles,
    last_known: OnlineProfiles,
    catalogue: Catalogue,
    epoch: Epoch,
) -> int | None:
    """Copy every packet that is newer than the store's; how many. None where another process is at it.

    Whoever was erased meanwhile does not come back. Raises what the store raises when it goes away again.
    """
    if not epoch.take(WITHIN):
        return None
    try:
        written = 0
        for kind, scope in kinds_and_scopes():
            if not registers_of(catalogue, kind, scope):
                continue
            names = _scope_items(location.online, f"{PROJECT}_{profile_view_name(kind, scope)}")
            while some := list(islice(names, BATCH)):
                packets = last_known.packets(kind, scope, some)
                written += online.write_newer(kind, scope, packets).written if packets else 0
                erased = packets.keys() - last_known.packets(kind, scope, list(packets)).keys()
                if erased:
                    forget(location, erased)
        epoch.begin()
        return written
    finally:
        epoch.release()


def refill_statistics(
    store: FeatureStore, last_known: FeatureStore, catalogue: Catalogue, at: dt.datetime
) -> None:
    """Copy the statistics of public services, which are of nobody."""
    found = read_statistics(last_known, sorted(catalogue.public_services))
    rows = [{"item": item, **counts} for item, counts in found.items()]
    counted = [row for row in rows if any(row[name] is not None for name in row if name != "item")]
    if counted:
        write_statistics(store, pl.DataFrame(counted), at)


def _scope_items(file: Path, table: str) -> Iterator[str]:
    """The scope items of one view, as the copy holds them at this moment."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone()
        yield from scope_items_in(connection, table) if known else ()
