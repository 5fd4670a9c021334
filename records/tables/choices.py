"""What subjects decide on their data: switches, deleted tags, answered questions, requests, erasures."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, Date, ForeignKey, Index, Integer, String, Table

from records.tables.columns import METADATA, Document, UtcDateTime, one_of
from records.tables.vocabulary import (
    PURPOSES,
    REMINDER_CHANNELS,
    REQUEST_CAPACITIES,
    REQUEST_KINDS,
    REQUEST_STATES,
)

recommendation_choice = Table(
    "recommendation_choice",
    METADATA,
    Column("subject", ForeignKey("subject.id"), primary_key=True),
    Column("personalised", Boolean, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)

reminder_choice = Table(
    "reminder_choice",
    METADATA,
    Column("subject", ForeignKey("subject.id"), primary_key=True),
    Column("theme", String, primary_key=True, doc="A theme of the catalogue; `*` is every other one."),
    Column("channel", String, primary_key=True),
    Column("wanted", Boolean, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    one_of("channel", REMINDER_CHANNELS),
)

deleted_tag = Table(
    "deleted_tag",
    METADATA,
    Column("subject", ForeignKey("subject.id"), primary_key=True),
    Column("tag", String, primary_key=True, doc="A tag of the closed dictionary."),
    Column("deleted_at", UtcDateTime, nullable=False),
)

consent_question = Table(
    "consent_question",
    METADATA,
    Column("subject", ForeignKey("subject.id"), primary_key=True),
    Column("purpose", String, primary_key=True),
    Column("theme", String, primary_key=True),
    Column("asked_at", UtcDateTime, primary_key=True),
    Column("granted", Boolean, doc="The answer; null while there is none."),
    Column("answered_at", UtcDateTime),
    Column("text_version", String, nullable=False),
    Column("text_hash", String, nullable=False, doc="SM3 of the words that were shown."),
    one_of("purpose", PURPOSES),
    CheckConstraint("answered_at >= asked_at", name="answer"),
)

privacy_request = Table(
    "privacy_request",
    METADATA,
    Column("id", String, primary_key=True),
    Column("subject", ForeignKey("subject.id"), nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("capacity", String, nullable=False, doc="In which capacity it was made: by oneself, for a child."),
    Column("state", String, nullable=False),
    Column("scope_item", String, doc="Of a disputed value: what it is told of."),
    Column("attribute", String, doc="The disputed value's attribute."),
    Column("authority", String, doc="Who is to answer for it."),
    Column("said", Document, nullable=False, doc="What the subject wrote."),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("provisional", Boolean, nullable=False, doc="Due by a holiday calendar not yet published."),
    Column("answered_at", UtcDateTime),
    Column("reason", String, doc="The answer's reason; a refusal has one."),
    one_of("kind", REQUEST_KINDS),
    one_of("capacity", REQUEST_CAPACITIES),
    one_of("state", REQUEST_STATES),
    CheckConstraint("(state = 'open') = (answered_at IS NULL)", name="answer"),
    CheckConstraint("state <> 'refused' OR reason IS NOT NULL", name="refusal"),
    Index(None, "state", "due_on"),
)

erasure = Table(
    "erasure",
    METADATA,
    Column("token", String, primary_key=True, doc="Stands for who is erased; identifies nobody."),
    Column("begun_at", UtcDateTime, nullable=False),
    Column("completed_at", UtcDateTime),
)

erasure_receipt = Table(
    "erasure_receipt",
    METADATA,
    Column("erasure", ForeignKey("erasure.token"), primary_key=True),
    Column("store", String, primary_key=True),
    Column("what", String, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    CheckConstraint("count >= 0", name="count"),
)
