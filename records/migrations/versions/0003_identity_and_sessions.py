"""Who signs in, in which role and for whom: logins, sessions, openings, grants."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STILL_OPEN = sa.text("closed_at IS NULL")


def upgrade() -> None:
    """Create them in the order their references need."""
    _logins()
    _sessions()
    _openings()
    _choices()
    _departures()


def downgrade() -> None:
    """Take them away again, the dependent ones first."""
    for table in (
        "departure",
        "discretion",
        "agent_grant",
        "presence",
        "opening",
        "session",
        "sign_in",
        "appointment",
        "login",
    ):
        op.drop_table(table)


def _logins() -> None:
    """Accounts of an issuer, and what they are appointed to."""
    op.create_table(
        "login",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("key_version", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        _subject_key("login"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login")),
        sa.UniqueConstraint("digest", name=op.f("uq_login_digest")),
    )
    op.create_index(op.f("ix_login_subject"), "login", ["subject"], unique=False)
    op.create_table(
        "appointment",
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("office", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "office IN ('agent', 'operator', 'data_scientist', 'auditor', 'channel')",
            name=op.f("ck_appointment_office"),
        ),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_appointment_validity")),
        _login_key("appointment"),
        sa.PrimaryKeyConstraint("login", "office", name=op.f("pk_appointment")),
    )


def _sessions() -> None:
    """Sign-ins under way, and sessions."""
    op.create_table(
        "sign_in",
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("browser", sa.LargeBinary(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("verifier", sa.String(), nullable=False),
        sa.Column("next", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.CheckConstraint("mode IN ('standard', 'kiosk')", name=op.f("ck_sign_in_mode")),
        sa.PrimaryKeyConstraint("state", name=op.f("pk_sign_in")),
    )
    op.create_index(op.f("ix_sign_in_began_at"), "sign_in", ["began_at"], unique=False)
    op.create_table(
        "session",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("form_token", sa.String(), nullable=False),
        sa.Column("hat", sa.String(), nullable=True),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.CheckConstraint("mode IN ('standard', 'kiosk')", name=op.f("ck_session_mode")),
        sa.CheckConstraint("ends_at >= began_at", name=op.f("ck_session_duration")),
        _login_key("session"),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_session")),
    )
    op.create_index(op.f("ix_session_login"), "session", ["login"], unique=False)


def _openings() -> None:
    """What agents open, one subject at a time."""
    op.create_table(
        "opening",
        sa.Column("id", COUNTER, autoincrement=True, nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("ground", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("shows_delicate", sa.Boolean(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.CheckConstraint("ground IN ('presence', 'grant')", name=op.f("ck_opening_ground")),
        sa.CheckConstraint("ends_at > opened_at", name=op.f("ck_opening_limit")),
        _login_key("opening"),
        _subject_key("opening"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening")),
    )
    op.create_index(op.f("ix_opening_subject"), "opening", ["subject"], unique=False)
    op.create_index(
        "ix_opening_one_at_a_time",
        "opening",
        ["login"],
        unique=True,
        sqlite_where=STILL_OPEN,
        postgresql_where=STILL_OPEN,
    )


def _choices() -> None:
    """What subjects let agents and proxies do and see."""
    op.create_table(
        "presence",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.CheckConstraint("ends_at > made_at", name=op.f("ck_presence_limit")),
        _subject_key("presence"),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_presence")),
    )
    op.create_index(op.f("ix_presence_subject"), "presence", ["subject"], unique=False)
    op.create_table(
        "agent_grant",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("granted_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.CheckConstraint("ends_at > granted_at", name=op.f("ck_agent_grant_limit")),
        sa.CheckConstraint("withdrawn_at >= granted_at", name=op.f("ck_agent_grant_withdrawal")),
        _subject_key("agent_grant"),
        sa.PrimaryKeyConstraint("subject", "granted_at", name=op.f("pk_agent_grant")),
    )
    op.create_table(
        "discretion",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("shows_delicate", sa.Boolean(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.CheckConstraint("audience IN ('proxy', 'kiosk')", name=op.f("ck_discretion_audience")),
        _subject_key("discretion"),
        sa.PrimaryKeyConstraint("subject", "audience", name=op.f("pk_discretion")),
    )


def _departures() -> None:
    """Who died, was dissolved or moved away."""
    op.create_table(
        "departure",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.CheckConstraint("kind IN ('death', 'dissolution', 'move_away')", name=op.f("ck_departure_kind")),
        _subject_key("departure"),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_departure")),
    )


def _subject_key(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_subject")
    return sa.ForeignKeyConstraint(["subject"], ["subject.id"], name=name, ondelete="CASCADE")


def _login_key(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["login"], ["login.id"], name=op.f(f"fk_{table}_login"), ondelete="CASCADE"
    )
