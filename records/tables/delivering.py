"""How the outbox is worked off: what a channel may still send, and who delivers."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Float, Integer, String, Table

from records.tables.columns import METADATA, UtcDateTime

delivery_channel = Table(
    "delivery_channel",
    METADATA,
    Column("channel", String, primary_key=True),
    Column("tokens", Float, nullable=False, doc="Messages that may still go at once."),
    Column("refilled_at", UtcDateTime, nullable=False),
    Column("failures", Integer, nullable=False, doc="Failures of the channel itself, one after another."),
    Column("open_until", UtcDateTime, doc="Nothing is sent until then; afterwards one message tries."),
    Column("last_error", String, doc="A code; nobody's data."),
    CheckConstraint("tokens >= 0", name="tokens"),
    CheckConstraint("failures >= 0", name="failures"),
)

deliverer = Table(
    "deliverer",
    METADATA,
    Column("id", String, primary_key=True, doc="Of one process, while it lives."),
    Column("started_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("paused", String, doc="Why nothing is sent; null where it is."),
)
