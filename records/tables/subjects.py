"""Who there is: subjects, what is theirs, who acts for whom. What identifies a person is kept apart."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, Integer, LargeBinary, String, Table
from sqlalchemy import UniqueConstraint as Unique

from records.tables.columns import METADATA, UtcDateTime, one_of
from records.tables.vocabulary import RELATION_KINDS, SCOPES, SUBJECT_KINDS

WHOLE = "*"
"""A relation's scope that is not narrowed; a key column cannot be null."""

subject = Table(
    "subject",
    METADATA,
    Column("id", String, primary_key=True, doc="Opaque; identifies nobody outside `identity`."),
    Column("kind", String, nullable=False, index=True),
    one_of("kind", SUBJECT_KINDS),
)

minor = Table(
    "minor",
    METADATA,
    Column("subject", ForeignKey("subject.id", ondelete="CASCADE"), primary_key=True),
    Column("until", Date, nullable=False, doc="The day they turn 18; the row goes once it is past."),
)

identity = Table(
    "identity",
    METADATA,
    Column("subject", ForeignKey("subject.id", ondelete="CASCADE"), primary_key=True),
    Column("scheme", String, primary_key=True, doc="resident_id, credit_code, mobile ..."),
    Column("digest", LargeBinary, nullable=False, doc="Keyed digest it is looked up by."),
    Column("ciphertext", LargeBinary, nullable=False),
    Column("key_version", Integer, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Unique("scheme", "digest"),
)

relation = Table(
    "relation",
    METADATA,
    Column("subject", ForeignKey("subject.id"), primary_key=True),
    Column("other", ForeignKey("subject.id"), primary_key=True, index=True),
    Column("kind", String, primary_key=True),
    Column("scope", String, primary_key=True, doc="What a guardian or proxy may do; `*` is everything."),
    Column("valid_from", Date),
    Column("valid_to", Date),
    one_of("kind", RELATION_KINDS),
    CheckConstraint("valid_to >= valid_from", name="validity"),
    CheckConstraint("subject <> other", name="two_parties"),
)

scope_item = Table(
    "scope_item",
    METADATA,
    Column("id", String, primary_key=True),
    Column("scope", String, nullable=False),
    Column("owner", ForeignKey("subject.id"), nullable=False, index=True),
    Column("label", String, doc="What the owner calls it; shown to the owner alone."),
    one_of("scope", SCOPES),
    CheckConstraint("(scope = 'self') = (id = owner)", name="self"),
)
