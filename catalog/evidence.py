"""Evidence types: the papers that items ask for and yield (CPSV-AP, CCCEV)."""

from __future__ import annotations

from typing import Literal

import msgspec

from catalog.vocabulary import Names


class EvidenceType(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of paper."""

    id: str
    names: Names
    kind: Literal["licence", "form", "proof"]
    issuing_authority: str | None = None
    issued_by: tuple[str, ...] = ()
    """Ids of the public services that yield it."""
    fetchable: bool = False
    """Government can fetch it, so it must not be asked for again (在线政务服务若干规定 7)."""
    substitutes: tuple[str, ...] = ()
    """Evidence types that prove at least as much and are accepted in its place, where sourced."""
    substitution_source: str | None = None
    """The text that says so; there are no substitutes without one."""
    consent_group: str | None = None
    """As for attributes: the theme a consent covers it under."""
