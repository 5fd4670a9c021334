"""Where each hat is at home."""

from __future__ import annotations

from typing import Final

from serving.identity.actor import Hat, Role
from serving.pages.addresses import home_url

HOMES: Final = {
    Role.AGENT: "/agent",
    Role.OPERATOR: "/offices/operator",
    Role.DATA_SCIENTIST: "/offices/data-scientist",
    Role.AUDITOR: "/offices/auditor",
}
"""Of the offices; a channel's program has no page."""


def home_of(hat: Hat) -> str:
    """The page a hat begins on."""
    if hat.kind is not None and hat.subject is not None:
        return home_url(hat.kind, hat.subject)
    return HOMES.get(hat.role, "/account")
