"""What comes in live: reports on cases, what is still to be acted on, and what could not be."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, String, Table

from records.tables.columns import METADATA, Counter, Document, UtcDateTime, one_of
from records.tables.vocabulary import ARRIVAL_KINDS, CASE_STATUSES

case_report = Table(
    "case_report",
    METADATA,
    Column("client_id", String, primary_key=True, doc="Chosen by the sender, who may send it twice."),
    Column("case", ForeignKey("case.id"), nullable=False, index=True),
    Column("status", String, nullable=False),
    Column("channel", String),
    Column("at", UtcDateTime, nullable=False, doc="When it came to that, whenever it was told."),
    one_of("status", CASE_STATUSES),
)

arrival = Table(
    "arrival",
    METADATA,
    Column("id", Counter, primary_key=True, autoincrement=True, doc="Rises, and is never given out twice."),
    Column("subject", ForeignKey("subject.id"), nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("about", Document, nullable=False, doc="Keys of the rows that came: client ids, cases, papers."),
    Column("items", Document, doc="The items concerned; null is all that the subject may have."),
    Column("received_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", UtcDateTime, nullable=False, index=True),
    one_of("kind", ARRIVAL_KINDS),
    CheckConstraint("attempts >= 0", name="attempts"),
    sqlite_autoincrement=True,
)

dead_letter = Table(
    "dead_letter",
    METADATA,
    Column("id", Counter, primary_key=True, autoincrement=False, doc="The id of the arrival it was."),
    Column("subject", ForeignKey("subject.id"), nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("about", Document, nullable=False),
    Column("items", Document),
    Column("received_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("failed_at", UtcDateTime, nullable=False),
    Column(
        "reason", String, nullable=False, doc="The kind of error and its place in the code; nobody's data."
    ),
    one_of("kind", ARRIVAL_KINDS),
    CheckConstraint("attempts > 0", name="attempts"),
)
