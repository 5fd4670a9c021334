"""What is asked of subjects: invitations in full, call-backs, hand-overs to the portal."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
DATES = ("opens_on", "due_on", "valid_to")
FLAGS = ("tight", "provisional")


def upgrade() -> None:
    """Create them."""
    for column in _of_invitations():
        op.add_column("invitation", column)
    op.create_index(op.f("ix_invitation_status_valid_to"), "invitation", ["status", "valid_to"], unique=False)
    _reports()
    _call_backs()
    _hand_overs()


def downgrade() -> None:
    """Take them away again."""
    for table in ("hand_over", "call_back", "invitation_report"):
        op.drop_table(table)
    op.drop_index(op.f("ix_invitation_status_valid_to"), table_name="invitation")
    for column in reversed(_of_invitations()):
        op.drop_column("invitation", column.name)


def _of_invitations() -> list[sa.Column[Any]]:
    return [
        *(sa.Column(name, sa.Date(), nullable=True) for name in DATES),
        *(sa.Column(name, sa.Boolean(), nullable=True) for name in FLAGS),
        sa.Column("key", sa.String(), nullable=True),
        sa.Column("delivered_at", MOMENT, nullable=True),
        sa.Column("completed_by", sa.String(), nullable=True),
    ]


def _reports() -> None:
    op.create_table(
        "invitation_report",
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("report", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("on", name=op.f("pk_invitation_report")),
    )


def _call_backs() -> None:
    op.create_table(
        "call_back",
        sa.Column("consultation", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("items", DOCUMENT, nullable=False),
        sa.Column("key", sa.String(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "outcome IN ('sent', 'nobody_known', 'nothing_matches', 'not_to_be_told')",
            name=op.f("ck_call_back_outcome"),
        ),
        sa.ForeignKeyConstraint(
            ["consultation"], ["consultation.id"], name=op.f("fk_call_back_consultation")
        ),
        sa.PrimaryKeyConstraint("consultation", name=op.f("pk_call_back")),
    )


def _hand_overs() -> None:
    op.create_table(
        "hand_over",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("id", "subject", "scope_item")),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("item", "cycle", "portal")),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.CheckConstraint("expires_at > started_at", name=op.f("ck_hand_over_limit")),
        sa.ForeignKeyConstraint(["scope_item"], ["scope_item.id"], name=op.f("fk_hand_over_scope_item")),
        sa.ForeignKeyConstraint(["subject"], ["subject.id"], name=op.f("fk_hand_over_subject")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_over")),
    )
    op.create_index(op.f("ix_hand_over_subject"), "hand_over", ["subject"], unique=False)
    op.create_index(
        op.f("ix_hand_over_scope_item_item_cycle"),
        "hand_over",
        ["scope_item", "item", "cycle"],
        unique=False,
    )
