"""Which items a search in words speaks of: shared character pairs in Chinese, shared words in Latin."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from catalog.vocabulary import Names

LEAST: Final = 0.35
"""Share of a query's weight that an item's names must contain."""
TIE: Final = 0.98
"""Items within this share of the best are meant as well."""
ASKING: Final = re.compile("(怎么|如何|在哪里?)(办理?)?")
FILLING: Final = frozenset({"what", "how", "where", "the", "to", "for", "of", "a", "an", "and", "do", "i"})
"""Words of asking, which tell nothing of what is asked for."""
LATIN: Final = re.compile("[a-z0-9]+")
CHINESE: Final = re.compile("[\u4e00-\u9fff]+")


@dataclass(frozen=True, slots=True)
class QueryWords:
    """The items of some names, found by what their names share with a query."""

    names: Mapping[str, Names]
    _items: Mapping[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)
    """By token, the items whose names contain it."""
    _weight: Mapping[str, float] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the names."""
        found: dict[str, list[str]] = {}
        for item, names in sorted(self.names.items()):
            for token in {*tokens(names.zh), *tokens(names.en)}:
                found.setdefault(token, []).append(item)
        total = max(len(self.names), 1)
        object.__setattr__(self, "_items", {token: tuple(items) for token, items in found.items()})
        weight = {token: 1.0 + math.log(total / len(items)) for token, items in found.items()}
        object.__setattr__(self, "_weight", weight)

    def match(self, query: str) -> tuple[str, ...]:
        """The items a query speaks of, in id order; none where no name holds most of it."""
        asked = list(tokens(query))
        unknown = 1.0 + math.log(max(len(self.names), 1))
        total = sum(self._weight.get(token, unknown) for token in asked)
        held: dict[str, float] = {}
        for token in asked:
            for item in self._items.get(token, ()):
                held[item] = held.get(item, 0.0) + self._weight[token]
        best = max(held.values(), default=0.0)
        if not asked or best < LEAST * total:
            return ()
        return tuple(sorted(item for item, weight in held.items() if weight >= TIE * best))


def tokens(text: str) -> Iterator[str]:
    """Each distinct pair of neighbouring Chinese characters, and each Latin word, in order."""
    plain = text.lower()
    seen: set[str] = set()
    for run in CHINESE.findall(ASKING.sub(" ", plain)):
        seen.update(a + b for a, b in pairwise(run))
    seen.update(word for word in LATIN.findall(plain) if word not in FILLING)
    yield from sorted(seen)
