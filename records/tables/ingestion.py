"""What came in through the operator's door, and what was turned away."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, String, Table

from records.tables.columns import METADATA, Document, UtcDateTime

ingest_batch = Table(
    "ingest_batch",
    METADATA,
    Column("id", String, primary_key=True, doc="Start of the content hash, and which run of that content."),
    Column("table_name", String, nullable=False),
    Column("content_hash", String, nullable=False, doc="SHA-256 of the file's bytes."),
    Column("catalogue_version", String, nullable=False),
    Column("file_name", String, nullable=False),
    Column("rows_read", Integer, nullable=False),
    Column("accepted", Integer, nullable=False),
    Column("quarantined", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("ingested_at", UtcDateTime, nullable=False),
    CheckConstraint("rows_read = accepted + quarantined + unchanged", name="counts"),
    Index(None, "table_name", "content_hash"),
)

quarantine = Table(
    "quarantine",
    METADATA,
    Column("batch", ForeignKey("ingest_batch.id"), primary_key=True),
    Column("path", String, nullable=False, doc="Of the rejected rows, below the quarantine folder."),
    Column("rows", Integer, nullable=False),
    Column("reasons", Document, nullable=False, doc="Rows by reason code."),
)
