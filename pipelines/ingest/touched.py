"""Whom a file tells something new of, noted in the file's own transaction for the live worker."""

from __future__ import annotations

import logging
from typing import Final

import polars as pl
from sqlalchemy import Connection, select

from pipelines.ingest.contract import Contract
from pipelines.ingest.duplicates import Sorted
from records.arrivals import Came, note_arrivals
from records.bulk import rows_with_keys
from records.tables import scope_item
from records.tables.vocabulary import ArrivalKind

MOST: Final = 2_000
"""A file that touches more subjects is a load: scoring the city and the difference deal with it at once."""
KINDS: Final[dict[str, ArrivalKind]] = {
    "cases": "case",
    "evidence": "evidence",
    "relations": "relation",
    "consents": "consent",
}
"""The tables that change where somebody stands, beside what registers say."""

logger = logging.getLogger("qianmian.ingest")


def note_touched(connection: Connection, contract: Contract, rows: Sorted) -> int:
    """Note an arrival for each subject the file says something new of; how many.

    None for a whole load: what it brings is told by `qianmian features`, `score` and `difference`.
    """
    kind = KINDS.get(contract.table, "register" if contract.into is None else None)
    if kind is None:
        return 0
    new = pl.concat([frame.select(_columns(contract)) for frame in (rows.new, rows.changed)])
    about = _by_subject(connection, new, contract)
    subjects = about["subject"].n_unique()
    if subjects > MOST:
        logger.info("%s: %d subjects are too many to act on one by one", contract.table, subjects)
        return 0
    grouped = about.group_by("subject").agg(pl.col("key").unique().sort()).sort("subject")
    came = [Came(subject, kind, tuple(keys)) for subject, keys in grouped.iter_rows()]
    return len(note_arrivals(connection, came))


def _columns(contract: Contract) -> list[str]:
    """The columns that say whom, and the key."""
    names = {column.name for column in contract.columns}
    return [name for name in ("subject", "other", "scope_item", "id") if name in names]


def _by_subject(connection: Connection, new: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """`subject` and `key`: what is new of whom."""
    if "scope_item" in new.columns:
        things = new.select(id="scope_item").unique()
        owned = select(scope_item.c.id, scope_item.c.owner)
        owners = rows_with_keys(connection, scope_item, things, owned)
        key = "scope_item" if contract.into is None else "id"
        whose = new.join(owners.rename({"id": "scope_item"}), on="scope_item")
        return whose.select(subject="owner", key=key)
    parties = [new.select(subject=name, key=name) for name in ("subject", "other") if name in new.columns]
    return pl.concat(parties)
