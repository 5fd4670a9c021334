"""What is told: the inbox, invitations, and the outbox with its deliveries."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, Date, ForeignKey, Index, Integer, String, Table
from sqlalchemy import UniqueConstraint as Unique

from records.tables.columns import METADATA, Counter, Document, UtcDateTime, one_of
from records.tables.vocabulary import (
    DELIVERY_OUTCOMES,
    INBOX_KINDS,
    INVITATION_STATUSES,
    OUTBOX_STATES,
    STANDINGS,
)

inbox = Table(
    "inbox",
    METADATA,
    Column(
        "id", Counter, primary_key=True, autoincrement=True, doc="Rises, so that a stream can be resumed."
    ),
    Column("key", String, nullable=False, unique=True, doc="Idempotency key: the same thing is told once."),
    Column("subject", ForeignKey("subject.id"), nullable=False),
    Column("kind", String, nullable=False),
    Column("scope_item", ForeignKey("scope_item.id")),
    Column("item", String),
    Column("cycle", String),
    Column("standing", String),
    Column("ready", Boolean),
    Column("opens_on", Date),
    Column("due_on", Date),
    Column("missing", Document, nullable=False, doc="Evidence types still to bring."),
    Column("reason_code", String, nullable=False),
    Column("reason_zh", String, nullable=False),
    Column("reason_en", String, nullable=False),
    Column("catalogue_version", String, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("read_at", UtcDateTime),
    Column("closed_at", UtcDateTime, doc="Done, dismissed, or no longer true."),
    one_of("kind", INBOX_KINDS),
    one_of("standing", STANDINGS),
    Index(None, "subject", "created_at"),
)

invitation = Table(
    "invitation",
    METADATA,
    Column("id", Counter, primary_key=True, autoincrement=True),
    Column("subject", ForeignKey("subject.id"), nullable=False),
    Column("scope_item", ForeignKey("scope_item.id"), nullable=False),
    Column("item", String, nullable=False),
    Column("cycle", String, nullable=False),
    Column("status", String, nullable=False),
    Column("suggested_on", Date, nullable=False),
    Column("agreed_on", Date, doc="The subject's own date."),
    Column("reason_code", String, nullable=False),
    Column("proposed_at", UtcDateTime, nullable=False),
    Column("answered_at", UtcDateTime),
    Column("completed_at", UtcDateTime),
    one_of("status", INVITATION_STATUSES),
    Unique("scope_item", "item", "cycle"),
    Index(None, "subject"),
)

outbox = Table(
    "outbox",
    METADATA,
    Column("id", Counter, primary_key=True, autoincrement=True),
    Column("key", String, nullable=False, unique=True, doc="Handed to the receiver, who applies it once."),
    Column("subject", ForeignKey("subject.id"), nullable=False, index=True),
    Column("inbox", ForeignKey("inbox.id"), index=True),
    Column("channel", String, nullable=False),
    Column("topic", String, nullable=False),
    Column("payload", Document, nullable=False),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("next_attempt_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, doc="After this it is no longer true and must not go out."),
    Column("relied_on", Document, doc="The choices it rests on (records.reliance); null is not known."),
    Column("message", String, doc="The key the receiver is handed; rows of one digest share it."),
    Column("lease", String, doc="Of the claim that is sending it."),
    Column("leased_until", UtcDateTime, doc="From then on a killed process's claim is taken over."),
    Column("claimed_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
    Column("failures", Integer, nullable=False, server_default="0", doc="Attempts that failed for a time."),
    one_of("state", OUTBOX_STATES),
    CheckConstraint("attempts >= 0", name="attempts"),
    Index(None, "state", "next_attempt_at"),
    Index(None, "channel", "state", "next_attempt_at"),
)

delivery = Table(
    "delivery",
    METADATA,
    Column("outbox", ForeignKey("outbox.id"), primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("outcome", String),
    Column("receipt", String, doc="The receiver's own reference."),
    Column("error_code", String),
    one_of("outcome", DELIVERY_OUTCOMES),
)
