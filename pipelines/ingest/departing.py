"""Who departed by what a file tells: noted, and every series to them ended, in the file's own transaction."""

from __future__ import annotations

import datetime as dt
from functools import cache
from importlib import resources
from pathlib import Path

import msgspec
import polars as pl
from sqlalchemy import Connection

from features.statements import business_day
from pipelines.ingest.contract import Contract
from pipelines.ingest.duplicates import Sorted
from records.arrivals import Came, note_arrivals
from records.departures import Departure, departed_among, record_departure
from records.series import stop_series, with_series
from records.tables.vocabulary import DepartureKind


class DepartureWord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A value of a register's attribute that says of a subject that it has departed."""

    table: str
    attribute: str
    value: str
    kind: DepartureKind


@cache
def departure_words() -> tuple[DepartureWord, ...]:
    """Every such value."""
    text = (resources.files("pipelines.ingest") / "departure_words.yaml").read_bytes()
    return msgspec.yaml.decode(text, type=tuple[DepartureWord, ...])


def note_departed(
    connection: Connection, contract: Contract, rows: Sorted, register: Path | None, at: dt.datetime
) -> int:
    """End every series to whom the rows say have departed, and note an arrival for each; how many.

    However many they are: what is not true any more waits for no run over the city. `register` is the folder
    of the register's statements, these rows among them; None for a table of the records.
    """
    if register is None:
        gone = _told(connection, rows, at) if contract.table == "departures" else []
    else:
        gone = _stated(connection, contract, rows, register, at)
    # The worker looks again: a message may have been told while this file was under way.
    note_arrivals(connection, (Came(subject, "departure", (subject,)) for subject in gone))
    return len(gone)


def _told(connection: Connection, rows: Sorted, at: dt.datetime) -> list[str]:
    """Whom the table of departures names; their rows are in."""
    gone = sorted({*rows.new["subject"], *rows.changed["subject"]})
    for subject in sorted(with_series(connection, gone)):
        stop_series(connection, subject, at)
    return gone


def _stated(
    connection: Connection, contract: Contract, rows: Sorted, register: Path, at: dt.datetime
) -> list[str]:
    """Whom the register's latest statement says to have departed, and nobody did before."""
    found: dict[str, Departure] = {}
    for word in departure_words():
        if word.table == contract.table and word.attribute in rows.new.columns:
            said = rows.new.filter(pl.col(word.attribute) == word.value)
            for subject, since in _latest(said, register, word).iter_rows():
                found[subject] = Departure(word.kind, business_day(since))
    new = sorted(found.keys() - departed_among(connection, sorted(found)))
    for subject in new:
        record_departure(connection, subject, found[subject], at)
    return new


def _latest(said: pl.DataFrame, register: Path, word: DepartureWord) -> pl.DataFrame:
    """Scope item and time of those statements that no later statement has taken back."""
    if said.is_empty():
        return said.select("scope_item", "observed_at")
    files = sorted(register.glob("*.parquet"))
    every = pl.concat([pl.scan_parquet(file) for file in files], how="diagonal")
    theirs = every.join(said.select("scope_item").unique().lazy(), on="scope_item", how="semi")
    last = theirs.sort("observed_at").group_by("scope_item").last().collect()
    return last.filter(pl.col(word.attribute) == word.value).select("scope_item", "observed_at")
