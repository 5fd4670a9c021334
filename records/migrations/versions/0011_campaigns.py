"""Campaigns: audience, approval, stages, hold-out and funnel."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
KINDS = "kind IN ('citizen', 'enterprise')"


def upgrade() -> None:
    """Create them."""
    _campaigns()
    _members()
    _previews()


def downgrade() -> None:
    """Take them away again."""
    for table in ("audience_preview", "campaign_member", "campaign"):
        op.drop_table(table)


def _text(name: str, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), nullable=nullable)


def _moment(name: str, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, MOMENT, nullable=nullable)


def _check(table: str, name: str, text: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(text, name=op.f(f"ck_{table}_{name}"))


def _campaigns() -> None:
    op.create_table(
        "campaign",
        *(_text(name) for name in ("id", "kind", "item", "audience")),
        *(_text(name) for name in ("names_zh", "names_en", "reason_zh", "reason_en")),
        sa.Column("stages", DOCUMENT, nullable=False),
        sa.Column("released", sa.Integer(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("hold_out", sa.Float(), nullable=False),
        _text("state"),
        _text("created_by"),
        _moment("created_at"),
        _text("approved_by", nullable=True),
        _moment("approved_at", nullable=True),
        _text("stopped_by", nullable=True),
        _moment("stopped_at", nullable=True),
        sa.Column("funnel", DOCUMENT, nullable=True),
        _moment("counted_at", nullable=True),
        _check("campaign", "kind", KINDS),
        _check("campaign", "state", "state IN ('draft', 'approved', 'sending', 'stopped', 'finished')"),
        _check("campaign", "two_people", "approved_by <> created_by"),
        _check("campaign", "approval", "state = 'draft' OR state = 'stopped' OR approved_by IS NOT NULL"),
        _check("campaign", "hold_out", "hold_out >= 0 AND hold_out <= 0.5"),
        _check("campaign", "stages", "sent <= released"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
    )


def _members() -> None:
    op.create_table(
        "campaign_member",
        *(_text(name) for name in ("campaign", "subject", "arm")),
        sa.Column("stage", sa.Integer(), nullable=False),
        _moment("at"),
        _text("key", nullable=True),
        _check("campaign_member", "arm", "arm IN ('told', 'held_out')"),
        sa.ForeignKeyConstraint(["campaign"], ["campaign.id"], name=op.f("fk_campaign_member_campaign")),
        sa.ForeignKeyConstraint(["subject"], ["subject.id"], name=op.f("fk_campaign_member_subject")),
        sa.PrimaryKeyConstraint("campaign", "subject", name=op.f("pk_campaign_member")),
    )
    op.create_index(op.f("ix_campaign_member_subject"), "campaign_member", ["subject"], unique=False)


def _previews() -> None:
    op.create_table(
        "audience_preview",
        *(_text(name) for name in ("id", "kind", "audience", "asked_by")),
        _moment("asked_at"),
        sa.Column("on", sa.Date(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("reached", sa.Integer(), nullable=True),
        _moment("counted_at", nullable=True),
        _check("audience_preview", "kind", KINDS),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audience_preview")),
    )
    op.create_index(
        op.f("ix_audience_preview_kind_asked_at"), "audience_preview", ["kind", "asked_at"], unique=False
    )
