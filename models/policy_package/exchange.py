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
    room = problem.most - problem.limits @ x
    taken = x == 1
    for j in np.flatnonzero(taken & capped & (efforts > 0)):  # what a reached cap makes worthless
        if problem.value(dropped := _flip(x, j)) == value:
            return dropped
    order = np.arange(len(x))
    for i in np.flatnonzero(~taken):
        if not efforts[i] and capped[i] and np.all(problem.limits[:, i] <= room):
            return _flip(x, i)
        alike = (problem.worths == problem.worths[i]) | (capped & capped[i])
        later = (efforts > efforts[i]) | ((efforts == efforts[i]) & (order > i))
        for j in np.flatnonzero(taken & alike & later):
            if np.all(problem.limits[:, i] - problem.limits[:, j] <= room):
                exchanged = _flip(x, i, j)
                if problem.value(exchanged) == value:
                    return exchanged
    return None


def _flip(x: Choice, *columns: np.intp) -> Choice:
    flipped = x.copy()
    flipped[list(columns)] ^= 1
    return flipped
