"""Who there is, what is held, what was done."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create them in the order their references need."""
    _subjects()
    _matters()
    _behaviour()


def downgrade() -> None:
    """Take them away again, the dependent ones first."""
    for table in (
        "rating",
        "consultation",
        "interaction",
        "consent",
        "case",
        "evidence",
        "scope_item",
        "relation",
        "identity",
        "subject",
    ):
        op.drop_table(table)


def _subjects() -> None:
    """Who there is."""
    op.create_table(
        "subject",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.CheckConstraint("kind IN ('citizen', 'enterprise')", name=op.f("ck_subject_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subject")),
    )
    op.create_index(op.f("ix_subject_kind"), "subject", ["kind"], unique=False)
    op.create_table(
        "identity",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("scheme", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("key_version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["subject"], ["subject.id"], name=op.f("fk_identity_subject"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("subject", "scheme", name=op.f("pk_identity")),
        sa.UniqueConstraint("scheme", "digest", name=op.f("uq_identity_scheme_digest")),
    )
    op.create_table(
        "relation",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("other", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('guardian', 'proxy', 'staff', 'owner', 'legal_representative', 'spouse', 'parent')",
            name=op.f("ck_relation_kind"),
        ),
        sa.CheckConstraint("subject <> other", name=op.f("ck_relation_two_parties")),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_relation_validity")),
        sa.ForeignKeyConstraint(["other"], ["subject.id"], name=op.f("fk_relation_other")),
        sa.ForeignKeyConstraint(["subject"], ["subject.id"], name=op.f("fk_relation_subject")),
        sa.PrimaryKeyConstraint("subject", "other", "kind", "scope", name=op.f("pk_relation")),
    )
    op.create_index(op.f("ix_relation_other"), "relation", ["other"], unique=False)
    op.create_table(
        "scope_item",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=True),
        sa.CheckConstraint("(scope = 'self') = (id = owner)", name=op.f("ck_scope_item_self")),
        sa.CheckConstraint(
            "scope IN ('self', 'child', 'household', 'vehicle', 'property', "
            "'employee', 'permit', 'project', 'site')",
            name=op.f("ck_scope_item_scope"),
        ),
        sa.ForeignKeyConstraint(["owner"], ["subject.id"], name=op.f("fk_scope_item_owner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scope_item")),
    )
    op.create_index(op.f("ix_scope_item_owner"), "scope_item", ["owner"], unique=False)


def _matters() -> None:
    """Papers, cases and consents."""
    op.create_table(
        "evidence",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("scope_item", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.CheckConstraint("source IN ('authority', 'upload')", name=op.f("ck_evidence_source")),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_evidence_validity")),
        sa.ForeignKeyConstraint(["scope_item"], ["scope_item.id"], name=op.f("fk_evidence_scope_item")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    op.create_index(op.f("ix_evidence_scope_item"), "evidence", ["scope_item"], unique=False)
    op.create_table(
        "case",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("scope_item", sa.String(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("cycle", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.CheckConstraint("status <> 'open' OR closed_at IS NULL", name=op.f("ck_case_open")),
        sa.CheckConstraint(
            "status IN ('open', 'succeeded', 'failed', 'withdrawn', 'self_declared')",
            name=op.f("ck_case_status"),
        ),
        sa.CheckConstraint("closed_at >= opened_at", name=op.f("ck_case_duration")),
        sa.ForeignKeyConstraint(["scope_item"], ["scope_item.id"], name=op.f("fk_case_scope_item")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case")),
    )
    op.create_index(op.f("ix_case_scope_item"), "case", ["scope_item"], unique=False)
    op.create_table(
        "consent",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("granted_at", MOMENT, nullable=False),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.Column("text_version", sa.String(), nullable=False),
        sa.CheckConstraint(
            "purpose IN ('assess', 'rank', 'train', 'aggregate', 'remind')", name=op.f("ck_consent_purpose")
        ),
        sa.CheckConstraint("withdrawn_at >= granted_at", name=op.f("ck_consent_withdrawal")),
        sa.ForeignKeyConstraint(["subject"], ["subject.id"], name=op.f("fk_consent_subject")),
        sa.PrimaryKeyConstraint("subject", "purpose", "target", "granted_at", name=op.f("pk_consent")),
    )


def _behaviour() -> None:
    """Interactions, consultations and ratings."""
    op.create_table(
        "interaction",
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("scope_item", sa.String(), nullable=True),
        sa.Column("item", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("query", sa.String(), nullable=True),
        sa.Column("slate", sa.String(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("propensity", sa.Float(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "kind IN ('search', 'view', 'impression', 'click', 'start', 'submit', "
            "'complete', 'dismiss', 'rating')",
            name=op.f("ck_interaction_kind"),
        ),
        sa.CheckConstraint("position >= 0", name=op.f("ck_interaction_position")),
        sa.CheckConstraint("propensity > 0 AND propensity <= 1", name=op.f("ck_interaction_propensity")),
        sa.ForeignKeyConstraint(["scope_item"], ["scope_item.id"], name=op.f("fk_interaction_scope_item")),
        sa.ForeignKeyConstraint(["subject"], ["subject.id"], name=op.f("fk_interaction_subject")),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_interaction")),
    )
    op.create_index(op.f("ix_interaction_subject_at"), "interaction", ["subject", "at"], unique=False)
    op.create_table(
        "consultation",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["subject"], ["subject.id"], name=op.f("fk_consultation_subject")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation")),
    )
    op.create_index(op.f("ix_consultation_subject"), "consultation", ["subject"], unique=False)
    op.create_table(
        "rating",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("case", sa.String(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.CheckConstraint("score BETWEEN 1 AND 5", name=op.f("ck_rating_score")),
        sa.ForeignKeyConstraint(["case"], ["case.id"], name=op.f("fk_rating_case")),
        sa.ForeignKeyConstraint(["subject"], ["subject.id"], name=op.f("fk_rating_subject")),
        sa.PrimaryKeyConstraint("subject", "item", "at", name=op.f("pk_rating")),
    )
