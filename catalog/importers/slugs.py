"""Foreign identifiers as ours: lower case, letters, digits and hyphens, each one only once."""

from __future__ import annotations

import hashlib
import re


class Slugs:
    """Gives every foreign identifier one slug, and no two of them the same."""

    def __init__(self) -> None:
        self._given: dict[str, str] = {}

    def of(self, identifier: str) -> str:
        """The slug of an identifier, stable within one import."""
        if identifier not in self._given:
            slug = re.sub(r"[^a-z0-9]+", "-", identifier.rsplit("/", 1)[-1].lower()).strip("-")
            if not slug or slug in self._given.values():
                digest = hashlib.sha256(identifier.encode()).hexdigest()[:8]
                slug = f"{slug}-{digest}".strip("-")
            self._given[identifier] = slug if slug[0].isalpha() else f"x-{slug}"
        return self._given[identifier]
