"""One condition with its legal source (a CCCEV Criterion)."""

from __future__ import annotations

import msgspec

from catalog.predicate import Predicate


class Criterion(msgspec.Struct, frozen=True, kw_only=True):
    """A condition that is assessed by itself; an item's criteria must all hold."""

    id: str
    """Unique in its item."""
    expression: str
    """As the catalogue's author wrote it."""
    predicate: Predicate
    legal_source: str
    """Its own citation, or the item's."""
