"""Who is known to be under 18, and until when: what decides on a push asks no feature store."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; ingest and materialisation fill it."""
    op.create_table(
        "minor",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject"], ["subject.id"], name=op.f("fk_minor_subject"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_minor")),
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("minor")
