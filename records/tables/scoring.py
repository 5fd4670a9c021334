"""What the daily difference and the pushing of policy packages keep: how far they came, and what changed."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, Index, Integer, String, Table
from sqlalchemy import UniqueConstraint as Unique

from records.tables.columns import METADATA, Counter, Document, UtcDateTime

difference_run = Table(
    "difference_run",
    METADATA,
    Column("id", Counter, primary_key=True, autoincrement=True),
    Column("to_standings", String, nullable=False, doc="The standings it tells of: `2026-11-21/1`."),
    Column("from_standings", String, doc="Those told of before; null where there were none."),
    Column("on", Date, nullable=False, doc="The day it tells of."),
    Column("partitions", Integer, nullable=False),
    Column("catalogue_version", String, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    CheckConstraint("partitions > 0", name="partitions"),
    Unique("to_standings"),
)

difference_part = Table(
    "difference_part",
    METADATA,
    Column("run", ForeignKey("difference_run.id"), primary_key=True),
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("changed", Integer, nullable=False, doc="Subjects something changed for."),
    Column("told", Integer, nullable=False),
    Column("untold", Integer, nullable=False),
    Column("left_aside", Integer, nullable=False, doc="Departed, or changed since they were scored."),
    Column("finished_at", UtcDateTime, nullable=False),
)

package_snapshot = Table(
    "package_snapshot",
    METADATA,
    Column("enterprise", ForeignKey("subject.id"), primary_key=True),
    Column("on", Date, nullable=False),
    Column("catalogue_version", String, nullable=False),
    Column("content", Document, nullable=False, doc="What the package held, to be compared with the next."),
    Column("taken_at", UtcDateTime, nullable=False),
)

package_change = Table(
    "package_change",
    METADATA,
    Column("id", Counter, primary_key=True, autoincrement=True),
    Column("key", String, nullable=False, unique=True, doc="The same change is kept and told once."),
    Column("enterprise", ForeignKey("subject.id"), nullable=False),
    Column("since", Date, nullable=False, doc="The day of the package it is compared with."),
    Column("on", Date, nullable=False),
    Column("catalogue_version", String, nullable=False),
    Column("content", Document, nullable=False, doc="Added, lost, changed; the totals beside them."),
    Column("made_at", UtcDateTime, nullable=False),
    Index(None, "enterprise", "id"),
)
