"""Figures that are told again and again: what came or went between two days is told of ten people or more.

A figure comes in whole tens, and once told it is told again unchanged until it has changed by at least ten
people. So two days' figures of one thing are equal, or at least ten people came or went. What is worked out
of several figures, a whole less a part, is never nearer than they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from privacy.aggregates import SMALLEST, Group, Release, in_tens


def steady(count: int, before: Mapping[str, int | None], name: str, *, may: bool) -> int | None:
    """What to tell of a count whose figure is called `name`; None where nothing is.

    `before` is what was told last time, None in it for what was held back. `may` says whether today's count
    may be told; the figure of last time may be, for it was. What was held back as too few is told from twice
    ten on: one more is no reason to begin.
    """
    told = before.get(name)
    if told is not None and told - SMALLEST < count < told + 2 * SMALLEST:
        return told
    began = name not in before or told is not None or count >= 2 * SMALLEST
    return in_tens(count) if may and began else None


def bounds(figure: int) -> tuple[int, int]:
    """The fewest and the most there may be where `steady` tells this figure."""
    return max(0, figure - SMALLEST + 1), figure + 2 * SMALLEST - 1


def steadily(
    released: Release, groups: Iterable[Group], before: Mapping[str, int | None], name: str
) -> int | None:
    """`steady`, of the groups of a release together."""
    asked = frozenset(groups)
    count = sum(released.counts.get(group, 0) for group in asked)
    return steady(count, before, name, may=released.told(asked) is not None)
