"""What comes in live: reports on cases, what is still to be acted on, and what could not be."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
KINDS = (
    *("interaction", "case", "consultation", "evidence", "register"),
    *("relation", "consent", "departure", "catalogue"),
)
STATUSES = ("open", "succeeded", "failed", "withdrawn", "self_declared")


def upgrade() -> None:
    """Create them."""
    _reports()
    _arrivals()
    _dead_letters()


def downgrade() -> None:
    """Take them away again."""
    for table in ("dead_letter", "arrival", "case_report"):
        op.drop_table(table)


def _reports() -> None:
    op.create_table(
        "case_report",
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("case", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        _one_of("case_report", "status", STATUSES),
        sa.ForeignKeyConstraint(["case"], ["case.id"], name=op.f("fk_case_report_case")),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_case_report")),
    )
    op.create_index(op.f("ix_case_report_case"), "case_report", ["case"], unique=False)


def _arrivals() -> None:
    op.create_table(
        "arrival",
        sa.Column("id", COUNTER, autoincrement=True, nullable=False),
        *_what_came(),
        sa.Column("next_attempt_at", MOMENT, nullable=False),
        *_rules("arrival", "attempts >= 0"),
        sqlite_autoincrement=True,
    )
    for column in ("subject", "next_attempt_at"):
        op.create_index(op.f(f"ix_arrival_{column}"), "arrival", [column], unique=False)


def _dead_letters() -> None:
    op.create_table(
        "dead_letter",
        sa.Column("id", COUNTER, autoincrement=False, nullable=False),
        *_what_came(),
        sa.Column("failed_at", MOMENT, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        *_rules("dead_letter", "attempts > 0"),
    )
    op.create_index(op.f("ix_dead_letter_subject"), "dead_letter", ["subject"], unique=False)


def _what_came() -> list[sa.Column[Any]]:
    return [
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("about", DOCUMENT, nullable=False),
        sa.Column("items", DOCUMENT, nullable=True),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
    ]


def _rules(table: str, attempts: str) -> list[sa.Constraint]:
    return [
        _one_of(table, "kind", KINDS),
        sa.CheckConstraint(attempts, name=op.f(f"ck_{table}_attempts")),
        sa.ForeignKeyConstraint(["subject"], ["subject.id"], name=op.f(f"fk_{table}_subject")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def _one_of(table: str, column: str, words: tuple[str, ...]) -> sa.CheckConstraint:
    listed = ", ".join(f"'{word}'" for word in words)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=op.f(f"ck_{table}_{column}"))
