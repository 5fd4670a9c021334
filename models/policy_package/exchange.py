"""Ties settled the same way every time: fewer papers first, then the earlier in order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.policy_package.program import Programme

Choice = NDArray[np.int64]


def settle_ties(problem: Programme, x: Choice, efforts: Choice) -> Choice:
    """A choice (n,) worth as much, which no drop, addition or exchange of one item can better.

    Better is: fewer papers, or as many with more items, or as many of both with an earlier item. Every
    step makes the choice strictly better, so this ends.
    """
    x = x.copy()
    value = problem.value(x)
    while (step := _better(problem, x, efforts, value)) is not None:
        x = step
    return x


def _better(problem: Programme, x: Choice, efforts: Choice, value: int) -> Choice | None:
    capped = np.zeros(len(x), dtype=np.bool_)
    capped[[i for group in problem.caps for i in group.members]] = True
    taken = x == 1
    for j in np.flatnonzero(taken & capped & (efforts > 0)):  # what a reached cap makes worthless
        if (tried := _tried(problem, _flip(x, j), value)) is not None:
            return tried
    order = np.arange(len(x))
    for i in np.flatnonzero(~taken):
        if not efforts[i] and (tried := _tried(problem, _flip(x, i), value)) is not None:
            return tried
        alike = (problem.worths == problem.worths[i]) | (capped & capped[i])
        later = (efforts > efforts[i]) | ((efforts == efforts[i]) & (order > i))
        for j in np.flatnonzero(taken & alike & later):
            if (tried := _tried(problem, _flip(x, i, j), value)) is not None:
                return tried
    return None


def _flip(x: Choice, *columns: np.intp) -> Choice:
    flipped = x.copy()
    flipped[list(columns)] ^= 1
    return flipped


def _tried(problem: Programme, x: Choice, value: int) -> Choice | None:
    return x if problem.feasible(x) and problem.value(x) == value else None
