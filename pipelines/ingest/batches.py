"""The book of batches: which file came in when, with which counts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, func, insert, select

from pipelines.ingest.report import FileReport
from records.tables import ingest_batch, quarantine


@dataclass(frozen=True, slots=True)
class Earlier:
    """The last batch of the very same content."""

    read: int
    quarantined: int
    quarantine: str | None
    """Path below the quarantine folder."""


def earlier_batch(connection: Connection, content_hash: str) -> Earlier | None:
    """What became of this content when it last came in, if it did."""
    b, q = ingest_batch.c, quarantine.c
    joined = ingest_batch.outerjoin(quarantine, q.batch == b.id)
    statement = select(b.rows_read, b.quarantined, q.path).select_from(joined)
    ordered = statement.where(b.content_hash == content_hash).order_by(b.id.desc()).limit(1)
    row = connection.execute(ordered).first()
    return None if row is None else Earlier(*row)


def next_batch(connection: Connection, content_hash: str) -> str:
    """The id of the next batch of this content."""
    same = select(func.count()).where(ingest_batch.c.content_hash == content_hash)
    return f"{content_hash[:16]}-{connection.execute(same).scalar_one() + 1:04d}"


def enter_batch(
    connection: Connection,
    batch: str,
    content_hash: str,
    report: FileReport,
    catalogue_version: str,
    at: dt.datetime,
    below: Path,
) -> None:
    """Enter a batch into the book; `below` is the quarantine folder."""
    connection.execute(
        insert(ingest_batch).values(
            id=batch,
            table_name=report.table,
            content_hash=content_hash,
            catalogue_version=catalogue_version,
            file_name=report.file,
            rows_read=report.read,
            accepted=report.accepted,
            quarantined=report.quarantined,
            unchanged=report.unchanged,
            ingested_at=at,
        )
    )
    if report.quarantine is not None:
        path = report.quarantine.relative_to(below).as_posix()
        rejected = {"rows": report.quarantined, "reasons": dict(report.reasons)}
        connection.execute(insert(quarantine).values(batch=batch, path=path, **rejected))
