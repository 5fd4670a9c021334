"""The population in parts that depend on nothing but the ids, and the records of one part as columns."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields
from hashlib import blake2b
from typing import Any

import polars as pl
from sqlalchemy import Connection, Table, select

from catalog.vocabulary import SubjectKind
from features.schema import RecordTables
from privacy.consent_texts import default_texts
from records.bulk import read_rows, rows_with_keys, schema_of
from records.departures import STANDS
from records.tables import case, consent, departure, evidence, interaction, relation, scope_item
from records.tables import subject as subjects


@dataclass(frozen=True, slots=True)
class Slice:
    """Some subjects of one kind: their records, less what they did, and their consents to a purpose."""

    records: RecordTables
    consents: pl.DataFrame


def partition_of(ids: pl.Series, count: int) -> pl.Series:
    """The part each id belongs to, of so many: the same on every machine and in every version."""
    found = [
        int.from_bytes(blake2b(id_.encode(), digest_size=8, person=b"partition").digest()) % count
        for id_ in ids
    ]
    return pl.Series("partition", found, dtype=pl.Int32)


def present_subjects(connection: Connection, on: dt.date) -> pl.DataFrame:
    """`id, kind` in id order, of all who had not departed by a day."""
    rows = read_rows(connection, select(subjects.c.id, subjects.c.kind).order_by(subjects.c.id))
    left = read_rows(connection, select(departure.c.subject).where(departure.c.on <= on, STANDS).distinct())
    return rows.join(left, left_on="id", right_on="subject", how="anti", maintain_order="left")


def slice_of(connection: Connection, kind: SubjectKind, ids: pl.Series, purpose: str) -> Slice:
    """The records of these subjects and their consents to a purpose, to the words in force."""
    columns = select(*(scope_item.c[name] for name in ("id", "scope", "owner", "label")))
    items = rows_with_keys(connection, scope_item, ids.rename("owner").to_frame(), columns).sort("id")
    held = items.select(scope_item="id")
    own = pl.DataFrame({"subject": ids}).with_columns(pl.lit(purpose).alias("purpose"))
    said = rows_with_keys(connection, consent, own)
    frames = {
        "scope_items": items,
        "evidence": rows_with_keys(connection, evidence, held).sort("id"),
        "cases": rows_with_keys(connection, case, held).sort("opened_at", "id"),
        "interactions": _nothing_of(interaction),
        "relations": _nothing_of(relation),
    }
    return Slice(_tables(kind, frames), default_texts().in_force_table(said))


def _nothing_of(table: Table) -> pl.DataFrame:
    return pl.DataFrame(schema=schema_of(table))


def _tables(kind: SubjectKind, frames: dict[str, pl.DataFrame]) -> RecordTables:
    known = {field.name for field in fields(RecordTables)}
    given: dict[str, Any] = {name: frame for name, frame in frames.items() if name in known}
    return RecordTables(kind=kind, **given)
