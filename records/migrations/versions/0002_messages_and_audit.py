"""What is told, what came in, and the audit chain."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Create them in the order their references need."""
    _messages()
    _dispatch()
    _ingestion()
    _audit()
    _audit_is_append_only()


def downgrade() -> None:
    """Take them away again, the dependent ones first."""
    for table in ("audit", "quarantine", "ingest_batch", "delivery", "outbox", "invitation", "inbox"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_is_append_only()")


def _messages() -> None:
    """The inbox and invitations."""
    op.create_table(
        "inbox",
        sa.Column("id", COUNTER, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("scope_item", sa.String(), nullable=True),
        sa.Column("item", sa.String(), nullable=True),
        sa.Column("cycle", sa.String(), nullable=True),
        sa.Column("standing", sa.String(), nullable=True),
        sa.Column("ready", sa.Boolean(), nullable=True),
        sa.Column("opens_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("missing", DOCUMENT, nullable=False),
        sa.Column("reason_code", sa.String(), nullable=False),
        sa.Column("reason_zh", sa.String(), nullable=False),
        sa.Column("reason_en", sa.String(), nullable=False),
        sa.Column("catalogue_version", sa.String(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "kind IN ('reminder', 'invitation', 'policy_package', 'answer', 'notice')",
            name=op.f("ck_inbox_kind"),
        ),
        sa.CheckConstraint(
            "standing IN ('done', 'in_progress', 'should_do', 'can_do', 'upcoming', "
            "'needs_information', 'not_eligible')",
            name=op.f("ck_inbox_standing"),
        ),
        sa.ForeignKeyConstraint(["scope_item"], ["scope_item.id"], name=op.f("fk_inbox_scope_item")),
        sa.ForeignKeyConstraint(["subject"], ["subject.id"], name=op.f("fk_inbox_subject")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint("key", name=op.f("uq_inbox_key")),
    )
    op.create_index(op.f("ix_inbox_subject_created_at"), "inbox", ["subject", "created_at"], unique=False)
    op.create_table(
        "invitation",
        sa.Column("id", COUNTER, autoincrement=True, nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("scope_item", sa.String(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("cycle", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("suggested_on", sa.Date(), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=True),
        sa.Column("reason_code", sa.String(), nullable=False),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("completed_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "status IN ('proposed', 'accepted', 'postponed', 'declined', 'completed', 'expired')",
            name=op.f("ck_invitation_status"),
        ),
        sa.ForeignKeyConstraint(["scope_item"], ["scope_item.id"], name=op.f("fk_invitation_scope_item")),
        sa.ForeignKeyConstraint(["subject"], ["subject.id"], name=op.f("fk_invitation_subject")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("scope_item", "item", "cycle", name=op.f("uq_invitation_scope_item_item_cycle")),
    )
    op.create_index(op.f("ix_invitation_subject"), "invitation", ["subject"], unique=False)


def _dispatch() -> None:
    """The outbox and its deliveries."""
    op.create_table(
        "outbox",
        sa.Column("id", COUNTER, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("inbox", COUNTER, nullable=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("payload", DOCUMENT, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("next_attempt_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "state IN ('pending', 'sending', 'sent', 'failed', 'cancelled', 'expired')",
            name=op.f("ck_outbox_state"),
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_outbox_attempts")),
        sa.ForeignKeyConstraint(["inbox"], ["inbox.id"], name=op.f("fk_outbox_inbox")),
        sa.ForeignKeyConstraint(["subject"], ["subject.id"], name=op.f("fk_outbox_subject")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
    )
    op.create_index(op.f("ix_outbox_inbox"), "outbox", ["inbox"], unique=False)
    op.create_index(
        op.f("ix_outbox_state_next_attempt_at"), "outbox", ["state", "next_attempt_at"], unique=False
    )
    op.create_index(op.f("ix_outbox_subject"), "outbox", ["subject"], unique=False)
    op.create_table(
        "delivery",
        sa.Column("outbox", COUNTER, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("receipt", sa.String(), nullable=True),
        sa.Column("error_code", sa.String(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('delivered', 'temporary_failure', 'permanent_failure', 'technical_failure')",
            name=op.f("ck_delivery_outcome"),
        ),
        sa.ForeignKeyConstraint(["outbox"], ["outbox.id"], name=op.f("fk_delivery_outbox")),
        sa.PrimaryKeyConstraint("outbox", "attempt", name=op.f("pk_delivery")),
    )


def _ingestion() -> None:
    """What came in and what was turned away."""
    op.create_table(
        "ingest_batch",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("table_name", sa.String(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("catalogue_version", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("rows_read", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("quarantined", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("ingested_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "rows_read = accepted + quarantined + unchanged", name=op.f("ck_ingest_batch_counts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ingest_batch")),
    )
    op.create_index(
        op.f("ix_ingest_batch_table_name_content_hash"),
        "ingest_batch",
        ["table_name", "content_hash"],
        unique=False,
    )
    op.create_table(
        "quarantine",
        sa.Column("batch", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("reasons", DOCUMENT, nullable=False),
        sa.ForeignKeyConstraint(["batch"], ["ingest_batch.id"], name=op.f("fk_quarantine_batch")),
        sa.PrimaryKeyConstraint("batch", name=op.f("pk_quarantine")),
    )


def _audit() -> None:
    """The audit chain."""
    op.create_table(
        "audit",
        sa.Column("sequence", COUNTER, autoincrement=True, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject_token", sa.String(), nullable=True),
        sa.Column("purpose", sa.String(), nullable=True),
        sa.Column("detail", DOCUMENT, nullable=False),
        sa.Column("previous_hash", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_audit")),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_hash")),
        sa.UniqueConstraint("previous_hash", name=op.f("uq_audit_previous_hash")),
    )
    op.create_index(op.f("ix_audit_subject_token"), "audit", ["subject_token"], unique=False)


def _audit_is_append_only() -> None:
    """The database itself refuses to change or remove a row of the chain."""
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_refuses_{deed.lower()} BEFORE {deed} ON audit "
                "BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'audit is append-only'; END $$; "
        "CREATE TRIGGER audit_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()"
    )
