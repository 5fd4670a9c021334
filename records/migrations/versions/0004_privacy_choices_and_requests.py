"""What subjects decide on their data: switches, tags, requests, receipts of erasure."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
TABLES = (
    "erasure_receipt",
    "erasure",
    "privacy_request",
    "consent_question",
    "deleted_tag",
    "reminder_choice",
    "recommendation_choice",
)


def upgrade() -> None:
    """Create them."""
    _switches()
    _questions()
    _requests()
    _erasures()
    op.add_column("outbox", sa.Column("relied_on", DOCUMENT, nullable=True))


def downgrade() -> None:
    """Take them away again."""
    op.drop_column("outbox", "relied_on")
    for table in TABLES:
        op.drop_table(table)


def _text(name: str, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), nullable=nullable)


def _moment(name: str, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, MOMENT, nullable=nullable)


def _of_subject(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["subject"], ["subject.id"], name=op.f(f"fk_{table}_subject"))


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def _check(table: str, name: str, text: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(text, name=op.f(f"ck_{table}_{name}"))


def _switches() -> None:
    """Recommendation, reminders and tags."""
    op.create_table(
        "recommendation_choice",
        _text("subject"),
        sa.Column("personalised", sa.Boolean(), nullable=False),
        _moment("changed_at"),
        _of_subject("recommendation_choice"),
        _key("recommendation_choice", "subject"),
    )
    op.create_table(
        "reminder_choice",
        _text("subject"),
        _text("theme"),
        _text("channel"),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        _moment("changed_at"),
        _check(
            "reminder_choice", "channel", "channel IN ('inbox', 'app', 'email', 'sms', 'webhook', 'letter')"
        ),
        _of_subject("reminder_choice"),
        _key("reminder_choice", "subject", "theme", "channel"),
    )
    op.create_table(
        "deleted_tag",
        _text("subject"),
        _text("tag"),
        _moment("deleted_at"),
        _of_subject("deleted_tag"),
        _key("deleted_tag", "subject", "tag"),
    )


def _questions() -> None:
    """When a consent was asked for, in which words, and what was answered."""
    op.create_table(
        "consent_question",
        _text("subject"),
        _text("purpose"),
        _text("theme"),
        _moment("asked_at"),
        sa.Column("granted", sa.Boolean(), nullable=True),
        _moment("answered_at", nullable=True),
        _text("text_version"),
        _text("text_hash"),
        _check(
            "consent_question", "purpose", "purpose IN ('assess', 'rank', 'train', 'aggregate', 'remind')"
        ),
        _check("consent_question", "answer", "answered_at >= asked_at"),
        _of_subject("consent_question"),
        _key("consent_question", "subject", "purpose", "theme", "asked_at"),
    )


def _requests() -> None:
    """Requests on one's data, each with its clock."""
    op.create_table(
        "privacy_request",
        _text("id"),
        _text("subject"),
        *(_text(name) for name in ("kind", "capacity", "state")),
        *(_text(name, nullable=True) for name in ("scope_item", "attribute", "authority")),
        sa.Column("said", DOCUMENT, nullable=False),
        _moment("opened_at"),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        _moment("answered_at", nullable=True),
        _text("reason", nullable=True),
        _check(
            "privacy_request",
            "kind",
            "kind IN ('access', 'copy', 'correct', 'explain', 'erase', 'complaint')",
        ),
        _check(
            "privacy_request",
            "capacity",
            "capacity IN ('self', 'guardian', 'near_relative', 'representative')",
        ),
        _check("privacy_request", "state", "state IN ('open', 'granted', 'refused')"),
        _check("privacy_request", "answer", "(state = 'open') = (answered_at IS NULL)"),
        _check("privacy_request", "refusal", "state <> 'refused' OR reason IS NOT NULL"),
        _of_subject("privacy_request"),
        _key("privacy_request", "id"),
    )
    op.create_index(op.f("ix_privacy_request_subject"), "privacy_request", ["subject"], unique=False)
    op.create_index(
        op.f("ix_privacy_request_state_due_on"), "privacy_request", ["state", "due_on"], unique=False
    )


def _erasures() -> None:
    """What was erased of whom nobody can tell any more, and the receipts."""
    op.create_table(
        "erasure",
        _text("token"),
        _moment("begun_at"),
        _moment("completed_at", nullable=True),
        _key("erasure", "token"),
    )
    op.create_table(
        "erasure_receipt",
        *(_text(name) for name in ("erasure", "store", "what")),
        sa.Column("count", sa.Integer(), nullable=False),
        _moment("at"),
        _check("erasure_receipt", "count", "count >= 0"),
        sa.ForeignKeyConstraint(["erasure"], ["erasure.token"], name=op.f("fk_erasure_receipt_erasure")),
        _key("erasure_receipt", "erasure", "store", "what"),
    )
