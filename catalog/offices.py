"""The offices that a catalogue's authorities name: one name an office, however the source wrote it."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec

from catalog.catalogue import Item
from catalog.public_service import PublicService

_BETWEEN: Final = re.compile(r"\s*[、/，,]\s*")


def offices_in(text: str | None) -> tuple[str, ...]:
    """The offices a text names ("人社/税务", "财政部、税务总局"), each once; none in no text."""
    known = _aliases()
    names = [name for name in _BETWEEN.split((text or "").strip()) if name]
    return tuple(dict.fromkeys(known.get(name, name) for name in names))


def offices_of(item: Item) -> tuple[str, ...]:
    """The offices that answer for an item."""
    return offices_in(item.authority if isinstance(item, PublicService) else item.issuer)


@lru_cache(maxsize=1)
def _aliases() -> dict[str, str]:
    path = Path(__file__).with_suffix(".yaml")
    written = msgspec.yaml.decode(path.read_bytes(), type=dict[str, tuple[str, ...]])
    return {alias: office for office, aliases in written.items() for alias in aliases}
