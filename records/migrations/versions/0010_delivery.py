"""How the outbox is worked off: claims and their leases, what a channel may still send, who delivers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
CLAIM = ("message", "lease", "leased_until", "claimed_at", "finished_at", "failures")


def upgrade() -> None:
    """Create them."""
    for column in (
        sa.Column("message", sa.String(), nullable=True),
        sa.Column("lease", sa.String(), nullable=True),
        sa.Column("leased_until", MOMENT, nullable=True),
        sa.Column("claimed_at", MOMENT, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
    ):
        op.add_column("outbox", column)
    op.create_index(
        op.f("ix_outbox_channel_state_next_attempt_at"),
        "outbox",
        ["channel", "state", "next_attempt_at"],
        unique=False,
    )
    op.create_table(
        "delivery_channel",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("tokens", sa.Float(), nullable=False),
        sa.Column("refilled_at", MOMENT, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("open_until", MOMENT, nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.CheckConstraint("tokens >= 0", name=op.f("ck_delivery_channel_tokens")),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_delivery_channel_failures")),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_delivery_channel")),
    )
    op.create_table(
        "deliverer",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("paused", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliverer")),
    )


def downgrade() -> None:
    """Take them away again."""
    for table in ("deliverer", "delivery_channel"):
        op.drop_table(table)
    op.drop_index(op.f("ix_outbox_channel_state_next_attempt_at"), table_name="outbox")
    for column in CLAIM:
        op.drop_column("outbox", column)
