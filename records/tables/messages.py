"""What is told: the inbox, and the outbox with its deliveries."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    false,
)

from records.tables.columns import METADATA, Counter, Document, UtcDateTime, one_of
from records.tables.vocabulary import (
    DELIVERY_OUTCOMES,
    INBOX_KINDS,
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
    Column("closed_because", String, doc="Which of these (CloseReason)."),
    Column("topic", String, nullable=False, server_default="", doc="The theme it is chosen by."),
    Column("template", String, nullable=False, server_default="reminder"),
    Column("names_zh", String, nullable=False, server_default=""),
    Column("names_en", String, nullable=False, server_default=""),
    Column("required", Boolean, nullable=False, server_default=false(), doc="A duty bids it."),
    Column("asked", Boolean, nullable=False, server_default=false(), doc="The subject asked for it."),
    Column("delicate", Boolean, nullable=False, server_default=false()),
    Column("detail", Document, nullable=False, server_default="{}"),
    Column("expires_at", UtcDateTime, doc="From then on it is no longer true."),
    one_of("kind", INBOX_KINDS),
    one_of("standing", STANDINGS),
    Index(None, "subject", "created_at"),
)
Index(
    "ix_inbox_open",
    inbox.c.subject,
    inbox.c.id,
    inbox.c.read_at,
    sqlite_where=inbox.c.closed_at.is_(None),
    postgresql_where=inbox.c.closed_at.is_(None),
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
