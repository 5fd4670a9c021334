"""What subjects decide on their data: switches, tags, requests, receipts of erasure."""

from __future__ import annotations

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them."""


def downgrade() -> None:
    """Take them away again."""
