"""What is told: subscriptions, addresses, the outbox's attempts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
TOLD = ("topic", "template", "names_zh", "names_en", "required", "asked", "delicate", "detail", "expires_at")


def upgrade() -> None:
    """Create them."""
    _inbox()
    _contacts()
    _wishes()


def downgrade() -> None:
    """Take them away again."""
    for table in ("subscription", "pace", "code_sent", "contact_check", "contact"):
        op.drop_table(table)
    op.drop_index("ix_inbox_open", table_name="inbox")
    for column in ("closed_because", *TOLD):
        op.drop_column("inbox", column)


def _inbox() -> None:
    for column in (
        sa.Column("closed_because", sa.String(), nullable=True),
        sa.Column("topic", sa.String(), server_default="", nullable=False),
        sa.Column("template", sa.String(), server_default="reminder", nullable=False),
        sa.Column("names_zh", sa.String(), server_default="", nullable=False),
        sa.Column("names_en", sa.String(), server_default="", nullable=False),
        sa.Column("required", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("asked", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("delicate", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("detail", DOCUMENT, server_default="{}", nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
    ):
        op.add_column("inbox", column)
    still_open = sa.text("closed_at IS NULL")
    op.create_index(
        "ix_inbox_open",
        "inbox",
        ["subject", "id", "read_at"],
        unique=False,
        sqlite_where=still_open,
        postgresql_where=still_open,
    )


def _contacts() -> None:
    op.create_table(
        "contact",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("key_version", sa.Integer(), nullable=False),
        sa.Column("verified_at", MOMENT, nullable=False),
        _channels("contact"),
        _subjects("contact"),
        sa.PrimaryKeyConstraint("subject", "channel", name=op.f("pk_contact")),
    )
    op.create_table(
        "contact_check",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.Column("key_version", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        _channels("contact_check"),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_contact_check_attempts")),
        sa.CheckConstraint("ends_at > made_at", name=op.f("ck_contact_check_limit")),
        _subjects("contact_check"),
        sa.PrimaryKeyConstraint("subject", "channel", name=op.f("pk_contact_check")),
    )
    op.create_table(
        "code_sent",
        sa.Column("id", COUNTER, autoincrement=True, nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        _subjects("code_sent"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_sent")),
    )
    op.create_index(op.f("ix_code_sent_subject_at"), "code_sent", ["subject", "at"], unique=False)
    op.create_index(op.f("ix_code_sent_digest_at"), "code_sent", ["digest", "at"], unique=False)


def _wishes() -> None:
    op.create_table(
        "pace",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("most_a_day", sa.Integer(), nullable=False),
        sa.Column("quiet_from", sa.Integer(), nullable=False),
        sa.Column("quiet_until", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.CheckConstraint("digest IN ('none', 'daily', 'weekly')", name=op.f("ck_pace_digest")),
        sa.CheckConstraint("most_a_day BETWEEN 1 AND 50", name=op.f("ck_pace_most_a_day")),
        sa.CheckConstraint("quiet_from BETWEEN 0 AND 1439", name=op.f("ck_pace_quiet_from")),
        sa.CheckConstraint("quiet_until BETWEEN 0 AND 1439", name=op.f("ck_pace_quiet_until")),
        _subjects("pace"),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_pace")),
    )
    op.create_table(
        "subscription",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("lead_days", DOCUMENT, nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.CheckConstraint("kind IN ('item', 'event', 'theme')", name=op.f("ck_subscription_kind")),
        _subjects("subscription"),
        sa.PrimaryKeyConstraint("subject", "kind", "target", name=op.f("pk_subscription")),
    )


def _subjects(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_subject")
    return sa.ForeignKeyConstraint(["subject"], ["subject.id"], name=name, ondelete="CASCADE")


def _channels(table: str) -> sa.CheckConstraint:
    words = "channel IN ('email', 'sms', 'webhook', 'letter')"
    return sa.CheckConstraint(words, name=op.f(f"ck_{table}_channel"))
