"""How subjects want to be told: their addresses and the checks of them, their pace, what they follow."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, String, Table

from records.tables.columns import METADATA, Counter, Document, UtcDateTime, one_of
from records.tables.vocabulary import ADDRESS_CHANNELS, DIGESTS, FOLLOWED_KINDS

contact = Table(
    "contact",
    METADATA,
    Column("subject", ForeignKey("subject.id", ondelete="CASCADE"), primary_key=True),
    Column("channel", String, primary_key=True),
    Column(
        "ciphertext", LargeBinary, nullable=False, doc="The address, sealed. Only verified ones are here."
    ),
    Column("key_version", Integer, nullable=False),
    Column("verified_at", UtcDateTime, nullable=False),
    one_of("channel", ADDRESS_CHANNELS),
)

contact_check = Table(
    "contact_check",
    METADATA,
    Column("subject", ForeignKey("subject.id", ondelete="CASCADE"), primary_key=True),
    Column("channel", String, primary_key=True),
    Column("address", LargeBinary, nullable=False, doc="The address to be verified, sealed."),
    Column("code", LargeBinary, nullable=False, doc="What was sent to it, sealed."),
    Column("key_version", Integer, nullable=False),
    Column("attempts", Integer, nullable=False, doc="Wrong codes given."),
    Column("made_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    one_of("channel", ADDRESS_CHANNELS),
    CheckConstraint("attempts >= 0", name="attempts"),
    CheckConstraint("ends_at > made_at", name="limit"),
)

code_sent = Table(
    "code_sent",
    METADATA,
    Column("id", Counter, primary_key=True, autoincrement=True),
    Column("subject", ForeignKey("subject.id", ondelete="CASCADE"), nullable=False),
    Column("digest", LargeBinary, nullable=False, doc="Keyed, of the address: nobody's is flooded."),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "subject", "at"),
    Index(None, "digest", "at"),
)

pace = Table(
    "pace",
    METADATA,
    Column("subject", ForeignKey("subject.id", ondelete="CASCADE"), primary_key=True),
    Column("most_a_day", Integer, nullable=False),
    Column("quiet_from", Integer, nullable=False, doc="Minutes after midnight in Shanghai."),
    Column("quiet_until", Integer, nullable=False, doc="As `quiet_from`; equal to it: no quiet hours."),
    Column("digest", String, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    one_of("digest", DIGESTS),
    CheckConstraint("most_a_day BETWEEN 1 AND 50", name="most_a_day"),
    CheckConstraint("quiet_from BETWEEN 0 AND 1439", name="quiet_from"),
    CheckConstraint("quiet_until BETWEEN 0 AND 1439", name="quiet_until"),
)

subscription = Table(
    "subscription",
    METADATA,
    Column("subject", ForeignKey("subject.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String, primary_key=True),
    Column("target", String, primary_key=True, doc="The slug of an item or event, or a theme."),
    Column("lead_days", Document, nullable=False, doc="Days before it is due to be told; empty: as usual."),
    Column("since", UtcDateTime, nullable=False),
    one_of("kind", FOLLOWED_KINDS),
)
