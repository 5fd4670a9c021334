"""How the outbox is worked off: claims, rates, verified addresses as delivered to."""

from __future__ import annotations

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them."""


def downgrade() -> None:
    """Take them away again."""
