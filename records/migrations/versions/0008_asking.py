"""What is asked of subjects: invitations in full, call-backs, hand-overs to the portal."""

from __future__ import annotations

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them."""


def downgrade() -> None:
    """Take them away again."""
