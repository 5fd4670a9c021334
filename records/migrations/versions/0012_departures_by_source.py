"""Departures by source: whose word each is, and when it was taken back."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Key them by subject, source and day.

    What was noted before sources were kept is of a source unknown: only an operator takes it back.
    """
    _set_aside()
    _create(
        ("subject", "source", "on"),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("taken_back_at", MOMENT, nullable=True),
        sa.Column("recorded_at", MOMENT, nullable=False),
    )
    op.execute(
        'INSERT INTO departure (subject, source, "on", kind, recorded_at) '
        "SELECT subject, 'unknown', \"on\", kind, recorded_at FROM departure_before"
    )
    op.drop_table("departure_before")


def downgrade() -> None:
    """Keep of each subject one that stands: a death, else the first."""
    _set_aside()
    _create(
        ("subject",),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
    )
    op.execute(
        'INSERT INTO departure (subject, kind, "on", recorded_at) '
        'SELECT subject, kind, "on", recorded_at FROM (SELECT *, row_number() OVER (PARTITION BY subject '
        "ORDER BY CASE kind WHEN 'death' THEN 0 ELSE 1 END, \"on\", source) AS place "
        "FROM departure_before WHERE taken_back_at IS NULL) AS standing WHERE place = 1"
    )
    op.drop_table("departure_before")


def _set_aside() -> None:
    op.execute("CREATE TABLE departure_before AS SELECT * FROM departure")
    op.drop_table("departure")


def _create(key: tuple[str, ...], *columns: sa.Column[Any]) -> None:
    op.create_table(
        "departure",
        *columns,
        sa.CheckConstraint("kind IN ('death', 'dissolution', 'move_away')", name=op.f("ck_departure_kind")),
        sa.ForeignKeyConstraint(
            ["subject"], ["subject.id"], name=op.f("fk_departure_subject"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_departure")),
    )
