"""The lightest cut of a weighted graph, part by connected part (Stoer and Wagner)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Weights = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Cut:
    """How much lies between `side` and the rest of its connected part."""

    weight: int
    side: frozenset[int]


def lightest_cut(weights: Weights) -> Cut | None:
    """The lightest way to cut a connected part in two; None where every part is a single node.

    `weights` (nodes, nodes) is symmetric, without negative weights; a node's weight to itself is ignored.
    """
    cuts = [_of_part(weights, part) for part in _parts(weights) if len(part) > 1]
    return min(cuts, key=lambda cut: (cut.weight, len(cut.side), sorted(cut.side)), default=None)


def _parts(weights: Weights) -> list[list[int]]:
    """The connected parts, in the order of their first nodes."""
    left, parts = set(range(len(weights))), []
    while left:
        found, waiting = set[int](), [min(left)]
        while waiting:
            node = waiting.pop()
            if node not in found:
                found.add(node)
                waiting += np.flatnonzero(weights[node] > 0).tolist()
        left -= found
        parts.append(sorted(found))
    return parts


def _of_part(weights: Weights, part: list[int]) -> Cut:
    """Merge the two nodes joined last, time after time; the last one alone is a cut each time."""
    graph = weights[np.ix_(part, part)].copy()
    np.fill_diagonal(graph, 0)
    members = [frozenset({node}) for node in part]
    alive = np.ones(len(part), dtype=np.bool_)
    best: Cut | None = None
    while alive.sum() > 1:
        before, last, weight = _phase(graph, alive)
        if best is None or weight < best.weight:
            best = Cut(weight, members[last])
        members[before] |= members[last]
        graph[before] += graph[last]
        graph[:, before] += graph[:, last]
        graph[before, before] = 0
        alive[last] = False
    assert best is not None  # noqa: S101 - a part has two nodes
    return best


def _phase(graph: Weights, alive: npt.NDArray[np.bool_]) -> tuple[int, int, int]:
    """The last two nodes in the order of how strongly they hold to those before, and the last one's hold."""
    waiting = alive.copy()
    hold = np.zeros(len(graph), dtype=np.int64)
    before = last = int(np.flatnonzero(alive)[0])
    weight = 0
    for _ in range(int(alive.sum())):
        strongest = np.where(waiting, hold, -1)
        before, last = last, int(strongest.argmax())
        weight = int(hold[last])
        waiting[last] = False
        hold += graph[last]
    return before, last, weight
