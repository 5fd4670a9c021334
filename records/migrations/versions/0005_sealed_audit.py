"""The audit chain's keys and seals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Create them; the chain begins with a head that seals nothing yet."""
    head = op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sequence", COUNTER, nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("key_version", sa.Integer(), nullable=False),
        sa.Column("seal", sa.String(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.bulk_insert(head, [{"id": 1, "sequence": 0, "hash": "0" * 64, "key_version": 0, "seal": ""}])
    op.create_table(
        "audit_view",
        sa.Column("batch", COUNTER, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject_token", sa.String(), nullable=True),
        sa.Column("purpose", sa.String(), nullable=True),
        sa.Column("detail", DOCUMENT, nullable=False),
        sa.ForeignKeyConstraint(["batch"], ["audit.sequence"], name=op.f("fk_audit_view_batch")),
        sa.PrimaryKeyConstraint("batch", "position", name=op.f("pk_audit_view")),
    )
    op.create_index(op.f("ix_audit_view_subject_token"), "audit_view", ["subject_token"], unique=False)
    op.create_table(
        "audit_key",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_audit_key")),
    )
    _views_are_append_only()


def downgrade() -> None:
    """Take them away again."""
    for table in ("audit_key", "audit_view", "audit_head"):
        op.drop_table(table)


def _views_are_append_only() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_view_refuses_{deed.lower()} BEFORE {deed} ON audit_view "
                "BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END"
            )
        return
    op.execute(
        "CREATE TRIGGER audit_view_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_view "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()"
    )
