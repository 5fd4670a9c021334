"""What is held and what runs: papers, cases and consents."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, String, Table

from records.tables.columns import METADATA, UtcDateTime, one_of
from records.tables.vocabulary import CASE_STATUSES, EVIDENCE_SOURCES, PURPOSES

evidence = Table(
    "evidence",
    METADATA,
    Column("id", String, primary_key=True),
    Column("scope_item", ForeignKey("scope_item.id"), nullable=False, index=True),
    Column("type", String, nullable=False, doc="An evidence type of the catalogue."),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("source", String, nullable=False),
    one_of("source", EVIDENCE_SOURCES),
    CheckConstraint("valid_to >= valid_from", name="validity"),
)

case = Table(
    "case",
    METADATA,
    Column("id", String, primary_key=True),
    Column("scope_item", ForeignKey("scope_item.id"), nullable=False, index=True),
    Column("item", String, nullable=False),
    Column("cycle", String, nullable=False),
    Column("status", String, nullable=False),
    Column("channel", String),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    one_of("status", CASE_STATUSES),
    CheckConstraint("closed_at >= opened_at", name="duration"),
    CheckConstraint("status <> 'open' OR closed_at IS NULL", name="open"),
)

consent = Table(
    "consent",
    METADATA,
    Column("subject", ForeignKey("subject.id"), primary_key=True),
    Column("purpose", String, primary_key=True),
    Column("target", String, primary_key=True, doc="attributes:<group>, evidence:<group> or interactions."),
    Column("granted_at", UtcDateTime, primary_key=True),
    Column("withdrawn_at", UtcDateTime),
    Column("text_version", String, nullable=False, doc="The wording the subject agreed to."),
    one_of("purpose", PURPOSES),
    CheckConstraint("withdrawn_at >= granted_at", name="withdrawal"),
)
