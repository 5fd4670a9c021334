"""Where each hat is at home."""

from __future__ import annotations

from serving.identity.actor import Hat, Role
from serving.pages.addresses import home_url


def home_of(hat: Hat) -> str:
    """The page a hat begins on."""
    if hat.kind is not None and hat.subject is not None:
        return home_url(hat.kind, hat.subject)
    return "/agent" if hat.role is Role.AGENT else "/account"
