"""What subjects did, asked and thought: interactions, consultations, ratings."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Float, ForeignKey, Index, Integer, String, Table

from records.tables.columns import METADATA, UtcDateTime, one_of
from records.tables.vocabulary import INTERACTION_KINDS

interaction = Table(
    "interaction",
    METADATA,
    Column("client_id", String, primary_key=True, doc="Chosen by the sender, who may send it twice."),
    Column("subject", ForeignKey("subject.id"), nullable=False),
    Column("scope_item", ForeignKey("scope_item.id")),
    Column("item", String),
    Column("kind", String, nullable=False),
    Column("channel", String),
    Column("query", String),
    Column("slate", String),
    Column("position", Integer),
    Column("propensity", Float, doc="Probability that this item was shown at this position."),
    Column("at", UtcDateTime, nullable=False),
    one_of("kind", INTERACTION_KINDS),
    CheckConstraint("position >= 0", name="position"),
    CheckConstraint("propensity > 0 AND propensity <= 1", name="propensity"),
    Index(None, "subject", "at"),
)

consultation = Table(
    "consultation",
    METADATA,
    Column("id", String, primary_key=True),
    Column("subject", ForeignKey("subject.id"), index=True, doc="Null where the caller was not known."),
    Column("topic", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("place", String),
    Column("outcome", String),
    Column("at", UtcDateTime, nullable=False),
)

rating = Table(
    "rating",
    METADATA,
    Column("subject", ForeignKey("subject.id"), primary_key=True),
    Column("item", String, primary_key=True),
    Column("at", UtcDateTime, primary_key=True),
    Column("case", ForeignKey("case.id")),
    Column("score", Integer, nullable=False),
    Column("source", String, nullable=False),
    CheckConstraint("score BETWEEN 1 AND 5", name="score"),
)
