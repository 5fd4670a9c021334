"""Who signs in and for whom: logins, appointments, sessions, openings, and what a subject lets be seen."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
)

from records.tables.columns import METADATA, Counter, UtcDateTime, one_of
from records.tables.vocabulary import (
    DEPARTURE_KINDS,
    DISCREET_AUDIENCES,
    OFFICES,
    OPENING_GROUNDS,
    SESSION_MODES,
)

login = Table(
    "login",
    METADATA,
    Column("id", String, primary_key=True, doc="Opaque; what the audit calls an actor."),
    Column("digest", LargeBinary, nullable=False, unique=True, doc="Keyed, of the issuer and its account."),
    Column("ciphertext", LargeBinary, nullable=False, doc="The issuer and its account, sealed."),
    Column("key_version", Integer, nullable=False),
    Column(
        "subject", ForeignKey("subject.id", ondelete="CASCADE"), index=True, doc="Who it is, if a subject."
    ),
    Column("made_at", UtcDateTime, nullable=False),
)

appointment = Table(
    "appointment",
    METADATA,
    Column("login", ForeignKey("login.id", ondelete="CASCADE"), primary_key=True),
    Column("office", String, primary_key=True),
    Column("valid_from", Date),
    Column("valid_to", Date),
    one_of("office", OFFICES),
    CheckConstraint("valid_to >= valid_from", name="validity"),
)

sign_in = Table(
    "sign_in",
    METADATA,
    Column("state", LargeBinary, primary_key=True, doc="Digest of the state sent to the issuer; used once."),
    Column("browser", LargeBinary, nullable=False, doc="Digest of the cookie of the browser that began it."),
    Column("nonce", String, nullable=False),
    Column("verifier", String, nullable=False, doc="PKCE code verifier."),
    Column("next", String, nullable=False, doc="The local path to go on to."),
    Column("mode", String, nullable=False),
    Column("began_at", UtcDateTime, nullable=False, index=True),
    one_of("mode", SESSION_MODES),
)

session = Table(
    "session",
    METADATA,
    Column("digest", LargeBinary, primary_key=True, doc="Of the cookie; the cookie itself is kept nowhere."),
    Column("login", ForeignKey("login.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("form_token", String, nullable=False, doc="What every form that changes something must carry."),
    Column("hat", String, doc="In which capacity; null is the login's first."),
    Column("mode", String, nullable=False),
    Column(
        "began_at", UtcDateTime, nullable=False, doc="Of the sign-in; a change of hats does not renew it."
    ),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    one_of("mode", SESSION_MODES),
    CheckConstraint("ends_at >= began_at", name="duration"),
)

opening = Table(
    "opening",
    METADATA,
    Column("id", Counter, primary_key=True, autoincrement=True),
    Column("login", ForeignKey("login.id", ondelete="CASCADE"), nullable=False),
    Column("subject", ForeignKey("subject.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("ground", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("shows_delicate", Boolean, nullable=False, doc="The subject asked for delicate items too."),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    one_of("ground", OPENING_GROUNDS),
    CheckConstraint("ends_at > opened_at", name="limit"),
)
Index(
    "ix_opening_one_at_a_time",
    opening.c.login,
    unique=True,
    sqlite_where=opening.c.closed_at.is_(None),
    postgresql_where=opening.c.closed_at.is_(None),
)

presence = Table(
    "presence",
    METADATA,
    Column("digest", LargeBinary, primary_key=True, doc="Of the code a subject reads out to an agent."),
    Column("subject", ForeignKey("subject.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("made_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    CheckConstraint("ends_at > made_at", name="limit"),
)

agent_grant = Table(
    "agent_grant",
    METADATA,
    Column("subject", ForeignKey("subject.id", ondelete="CASCADE"), primary_key=True),
    Column("granted_at", UtcDateTime, primary_key=True),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("withdrawn_at", UtcDateTime),
    CheckConstraint("ends_at > granted_at", name="limit"),
    CheckConstraint("withdrawn_at >= granted_at", name="withdrawal"),
)

departure = Table(
    "departure",
    METADATA,
    Column("subject", ForeignKey("subject.id", ondelete="CASCADE"), primary_key=True),
    Column("source", String, primary_key=True, doc="Whose word it is, who alone may take it back."),
    Column("on", Date, primary_key=True),
    Column("kind", String, nullable=False),
    Column(
        "taken_back_at", UtcDateTime, doc="From then on it was wrong; kept, lest an old file say it again."
    ),
    Column("recorded_at", UtcDateTime, nullable=False, doc="When it was taken in, or taken back."),
    one_of("kind", DEPARTURE_KINDS),
)

discretion = Table(
    "discretion",
    METADATA,
    Column("subject", ForeignKey("subject.id", ondelete="CASCADE"), primary_key=True),
    Column("audience", String, primary_key=True),
    Column("shows_delicate", Boolean, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    one_of("audience", DISCREET_AUDIENCES),
)
