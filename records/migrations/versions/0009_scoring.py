"""What the city run and the daily difference keep: runs, partitions, package changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Create them."""
    _runs()
    _packages()


def downgrade() -> None:
    """Take them away again."""
    for table in ("package_change", "package_snapshot", "difference_part", "difference_run"):
        op.drop_table(table)


def _runs() -> None:
    op.create_table(
        "difference_run",
        sa.Column("id", COUNTER, autoincrement=True, nullable=False),
        sa.Column("to_standings", sa.String(), nullable=False),
        sa.Column("from_standings", sa.String(), nullable=True),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("partitions", sa.Integer(), nullable=False),
        sa.Column("catalogue_version", sa.String(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.CheckConstraint("partitions > 0", name=op.f("ck_difference_run_partitions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_difference_run")),
        sa.UniqueConstraint("to_standings", name=op.f("uq_difference_run_to_standings")),
    )
    op.create_table(
        "difference_part",
        sa.Column("run", COUNTER, nullable=False),
        sa.Column("partition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("untold", sa.Integer(), nullable=False),
        sa.Column("left_aside", sa.Integer(), nullable=False),
        sa.Column("finished_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["run"], ["difference_run.id"], name=op.f("fk_difference_part_run")),
        sa.PrimaryKeyConstraint("run", "partition", name=op.f("pk_difference_part")),
    )


def _packages() -> None:
    op.create_table(
        "package_snapshot",
        sa.Column("enterprise", sa.String(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("catalogue_version", sa.String(), nullable=False),
        sa.Column("content", DOCUMENT, nullable=False),
        sa.Column("taken_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["enterprise"], ["subject.id"], name=op.f("fk_package_snapshot_enterprise")),
        sa.PrimaryKeyConstraint("enterprise", name=op.f("pk_package_snapshot")),
    )
    op.create_table(
        "package_change",
        sa.Column("id", COUNTER, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("enterprise", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("catalogue_version", sa.String(), nullable=False),
        sa.Column("content", DOCUMENT, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["enterprise"], ["subject.id"], name=op.f("fk_package_change_enterprise")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_package_change")),
        sa.UniqueConstraint("key", name=op.f("uq_package_change_key")),
    )
    op.create_index(op.f("ix_package_change_enterprise_id"), "package_change", ["enterprise", "id"])
