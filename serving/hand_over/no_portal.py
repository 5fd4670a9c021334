"""That there is no portal to hand anything over to."""

from __future__ import annotations


class NoPortal(LookupError):
    """No portal is configured that could take a matter up."""
