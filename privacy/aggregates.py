"""Counts of many that point at nobody: which cells may be told, so that no answer and no difference is small.

Whatever can be asked is fixed beforehand: the groups of some dimensions, each of which parts all subjects
into groups, and no crossing or filter of one's own. Groups that are too small are told together with others
or not at all. What is left is such that any two sets put together from groups of one dimension each (one
group, several, all of them, or all but some) have the same members or differ by at least `SMALLEST` of them.

Why that holds: take a graph with the groups of two dimensions as nodes and, between two groups, an edge as
heavy as the number of their common members. Two sets, one of groups of either dimension, differ by the
weight of a cut of that graph. So every difference is 0 or large as soon as no cut of a connected part is
small, which `lightest_cut` decides; groups are put together until none is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from privacy.cuts import lightest_cut

SMALLEST: Final = 10
"""Fewer subjects than this are never told, nor told apart."""
Group = tuple[str, str]
"""Dimension and group."""
Block = frozenset[Group]
"""Groups of one dimension that are told together only."""


def in_tens(count: int) -> int:
    """A count as it is told where it is told again, or beside others that nothing is proved of."""
    return count - count % SMALLEST


@dataclass
class Counts:
    """How many subjects are in each group, and in each pair of groups; added up page by page."""

    dimensions: tuple[str, ...]
    single: dict[Group, int] = field(default_factory=dict)
    common: dict[tuple[Group, Group], int] = field(default_factory=dict)

    def add(self, page: pl.DataFrame) -> None:
        """A row a subject, a String column a dimension; no subject is on two pages, and no cell is empty."""
        for dimension in self.dimensions:
            for group, count in page.group_by(dimension).len().iter_rows():
                key = (dimension, str(group))
                self.single[key] = self.single.get(key, 0) + count
        for one, other in combinations(self.dimensions, 2):
            for left, right, count in page.group_by(one, other).len().iter_rows():
                pair = ((one, str(left)), (other, str(right)))
                self.common[pair] = self.common.get(pair, 0) + count


@dataclass(frozen=True)
class Release:
    """What may be told: the groups of each dimension, put together where they must be."""

    counts: Mapping[Group, int]
    blocks: Mapping[str, tuple[Block, ...]]

    def told(self, groups: Iterable[Group]) -> int | None:
        """How many are in these groups of one dimension together; None where that is not to be told."""
        asked = frozenset(group for group in groups if self.counts.get(group, 0))
        if not asked:
            return 0
        (dimension,) = {dimension for dimension, _ in asked}
        parts = [block for block in self.blocks[dimension] if block <= asked]
        if not parts or frozenset[Group]().union(*parts) != asked:
            return None
        return sum(self.counts[group] for group in asked)


def release(counts: Counts, siblings: Mapping[Group, Group] | None = None, least: int = SMALLEST) -> Release:
    """The finest release that gives nobody away, as found by putting the smallest groups together first.

    A group with a sibling (the other half of something that is told whole) is put together with that first;
    of two dimensions the later one yields.
    """
    maker = _Maker(counts, siblings or {}, least)
    for dimension in counts.dimensions:
        maker.enlarge(dimension)
    while any(maker.settle(one, other) for one, other in combinations(counts.dimensions, 2)):
        continue
    return Release(dict(counts.single), {name: tuple(blocks) for name, blocks in maker.blocks.items()})


class _Maker:
    """Puts groups together until no two sets differ by a few."""

    def __init__(self, counts: Counts, siblings: Mapping[Group, Group], least: int) -> None:
        self.counts, self.siblings, self.least = counts, siblings, least
        self.blocks: dict[str, list[Block]] = {
            dimension: [
                frozenset({group})
                for group, count in sorted(counts.single.items())
                if group[0] == dimension and count
            ]
            for dimension in counts.dimensions
        }

    def size(self, block: Block) -> int:
        return sum(self.counts.single[group] for group in block)

    def enlarge(self, dimension: str) -> None:
        """No block of the dimension is small, or there is nothing to tell of it."""
        while blocks := self.blocks[dimension]:
            smallest = min(blocks, key=lambda block: (self.size(block), sorted(block)))
            if self.size(smallest) >= self.least:
                return
            self.join(dimension, smallest)

    def join(self, dimension: str, block: Block) -> None:
        """Put a block together with its sibling, else with the smallest other; alone, it is not told."""
        blocks = self.blocks[dimension]
        blocks.remove(block)
        if not blocks:
            return
        kin = {self.siblings[group] for group in block if group in self.siblings} - block
        beside = [other for other in blocks if other & kin] or blocks
        other = min(beside, key=lambda each: (self.size(each), sorted(each)))
        blocks.remove(other)
        blocks.append(block | other)

    def settle(self, one: str, other: str) -> bool:
        """Whether two sets of these dimensions differed by a few, and something was put together for it."""
        sides = [(name, block) for name in (one, other) for block in self.blocks[name]]
        cut = lightest_cut(self._weights(sides))
        if cut is None or cut.weight >= self.least:
            return False
        name = other if len(self.blocks[other]) > 1 else one
        inside = [sides[at][1] for at in cut.side if sides[at][0] == name]
        outside = [block for block in self.blocks[name] if block not in inside]
        chosen = inside if inside and (not outside or len(inside) <= len(outside)) else outside
        self.join(name, min(chosen, key=lambda block: (self.size(block), sorted(block))))
        return True

    def _weights(self, sides: Sequence[tuple[str, Block]]) -> npt.NDArray[np.int64]:
        weights = np.zeros((len(sides), len(sides)), dtype=np.int64)
        place = {group: at for at, (_, block) in enumerate(sides) for group in block}
        for (left, right), count in self.counts.common.items():
            if left in place and right in place:
                weights[place[left], place[right]] += count
                weights[place[right], place[left]] += count
        return weights
