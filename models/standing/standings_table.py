"""Standings as a table: what the run over a whole city writes and the daily difference reads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Final

import polars as pl

from models.recommendation import Entry

COLUMNS: Final[Mapping[str, pl.DataType]] = {
    "subject": pl.String(),
    "scope_item": pl.String(),
    "item": pl.String(),
    "cycle": pl.String(),
    "standing": pl.String(),
    "ready": pl.Boolean(),
    "opens_on": pl.Date(),
    "due_on": pl.Date(),
    "rank": pl.Int32(),
    "reason_code": pl.String(),
    "missing": pl.List(pl.String()),
    "catalogue_version": pl.String(),
    "as_of": pl.Date(),
}


def standings_table(
    entries: Iterable[tuple[str, Entry]], catalogue_version: str, as_of: dt.date
) -> pl.DataFrame:
    """The standings of many subjects, each entry with its subject; `rank` counts each subject's from 1."""
    rows = []
    ranks: dict[str, int] = {}
    for subject, entry in entries:
        ranks[subject] = ranks.get(subject, 0) + 1
        rows.append(
            (
                subject,
                entry.scope_item,
                entry.item,
                entry.cycle,
                entry.standing.value,
                entry.ready,
                entry.opens_on,
                entry.due_on,
                ranks[subject],
                entry.reasons[0].code if entry.reasons else None,
                list(entry.missing),
                catalogue_version,
                as_of,
            )
        )
    return pl.DataFrame(rows, schema=dict(COLUMNS), orient="row")
