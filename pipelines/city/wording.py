"""What people type into a search box when they look for an item."""

from __future__ import annotations

from collections.abc import Sequence

from catalog.catalogue import Item
from pipelines.city.taste import theme_of

FORMS = 4


def queries(items: Sequence[Item]) -> list[str]:
    """`FORMS` ways of asking for each item, in order: its name, its head, a how-to, and English."""
    words = []
    for item in items:
        name = item.names.zh.split("(")[0].split("(")[0]
        words += [name[:60], name[:4], f"{name[:8]}怎么办", item.names.en[:60].lower() or theme_of(item)]
    return words
