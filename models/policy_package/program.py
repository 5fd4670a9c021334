"""The integer programme of one choice: a binary per candidate, a capped sum per cap group.

Maximise sum(worth_i x_i) with each cap group's part saturating at its cap, subject to
clashes (cliques: at most one), stacking groups (at most k) and effort by each deadline and in all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from models.policy_package.candidate import Candidate
from models.policy_package.constraints import Constraints

Row = tuple[Mapping[int, float], float]
"""Coefficients by column, and the upper bound."""


@dataclass(frozen=True, slots=True)
class CapGroup:
    """The columns under one cap, and the cap in whole yuan."""

    members: tuple[int, ...]
    cap: int


@dataclass(frozen=True, slots=True)
class Programme:
    """Minimise cost @ x subject to matrix @ x <= upper, 0 <= x <= bound, the first `binaries` binary."""

    cost: NDArray[np.float64]
    matrix: csr_array
    upper: NDArray[np.float64]
    bound: NDArray[np.float64]
    binaries: int
    limits: NDArray[np.int64]
    """(rows, binaries): what a choice must keep, in whole numbers."""
    most: NDArray[np.int64]
    """(rows,): the upper bound of each."""
    caps: tuple[CapGroup, ...]
    worths: NDArray[np.int64]

    def value(self, x: NDArray[np.int64]) -> int:
        """Exact worth in yuan of a 0/1 choice (n,), caps applied."""
        taken = self.worths * x
        over = (max(0, int(taken[list(group.members)].sum()) - group.cap) for group in self.caps)
        return int(taken.sum()) - sum(over)

    def feasible(self, x: NDArray[np.int64]) -> bool:
        """Whether a 0/1 choice (n,) keeps every row, exactly."""
        return bool(np.all(self.limits @ x <= self.most))


def programme(
    candidates: Sequence[Candidate], worths: Sequence[int], constraints: Constraints, on: dt.date
) -> Programme:
    """The programme over candidates that may all be chosen on the day, in the order given."""
    rows = (
        *clash_rows(candidates, constraints),
        *stacking_rows(candidates, constraints),
        *effort_rows(candidates, constraints, on),
    )
    caps = tuple(_cap_groups(candidates, constraints))
    size = len(candidates)
    cost = np.concatenate([-np.asarray(worths, dtype=np.float64), np.zeros(len(caps))])
    bound = np.ones(size + len(caps))
    all_rows = list(rows)
    for number, group in enumerate(caps):
        # The column is the capped sum over the cap, so that every coefficient stays within [0, 1].
        column, members = size + number, list(group.members)
        cost[members], cost[column] = 0.0, -float(group.cap)
        share = {i: -min(worths[i], group.cap) / group.cap for i in members}
        all_rows.append(({**share, column: 1.0}, 0.0))
    matrix = _matrix(all_rows, len(cost))
    upper = np.asarray([most for _, most in all_rows], dtype=np.float64)
    return Programme(
        cost,
        matrix,
        upper,
        bound,
        size,
        np.asfortranarray(matrix[: len(rows), :size].toarray().astype(np.int64)),
        upper[: len(rows)].astype(np.int64),
        caps,
        np.asarray(worths, dtype=np.int64),
    )


def clash_rows(candidates: Sequence[Candidate], constraints: Constraints) -> Iterator[Row]:
    """At most one of each clique of clashing candidates: fewer and tighter rows than pair by pair."""
    where: dict[str, list[int]] = {}
    for i, candidate in enumerate(candidates):
        where.setdefault(candidate.item, []).append(i)
    rivals: dict[int, set[int]] = {}
    for pair in constraints.pairs:
        for i in where.get(pair.first, ()):
            for j in where.get(pair.second, ()):
                if constraints.clash(candidates[i], candidates[j]):
                    rivals.setdefault(i, set()).add(j)
                    rivals.setdefault(j, set()).add(i)
    covered: set[tuple[int, int]] = set()
    for i in sorted(rivals):
        for j in sorted(rivals[i]):
            if i < j and (i, j) not in covered:
                clique = _grown([i, j], rivals)
                covered.update(combinations(clique, 2))
                yield dict.fromkeys(clique, 1.0), 1.0


def stacking_rows(candidates: Sequence[Candidate], constraints: Constraints) -> Iterator[Row]:
    """At most k of each group that says so."""
    for group in constraints.groups:
        members = [i for i, c in enumerate(candidates) if c.item in group.items]
        if group.at_most is not None and len(members) > group.at_most:
            yield dict.fromkeys(members, 1.0), float(group.at_most)


def effort_rows(candidates: Sequence[Candidate], constraints: Constraints, on: dt.date) -> Iterator[Row]:
    """Papers in all, and papers due by each deadline within what can be gathered until then."""
    efforts = {i: float(c.effort) for i, c in enumerate(candidates) if c.effort}
    limits = [(efforts, constraints.effort.papers)]
    dated = [(day, i) for i in efforts if (day := candidates[i].due_on) is not None]
    for due_on in sorted({day for day, _ in dated}):
        due = {i: efforts[i] for day, i in dated if day <= due_on}
        limits.append((due, constraints.effort.by(due_on, on)))
    for row, limit in limits:
        if limit is not None and sum(row.values()) > limit:
            yield row, float(limit)


def _grown(clique: list[int], rivals: Mapping[int, set[int]]) -> list[int]:
    """A clique made maximal, taking the lowest column first."""
    common = set.intersection(*(rivals[i] for i in clique))
    while common:
        clique = [*clique, min(common)]
        common &= rivals[clique[-1]]
    return sorted(clique)


def _cap_groups(candidates: Sequence[Candidate], constraints: Constraints) -> Iterator[CapGroup]:
    for group in constraints.groups:
        members = tuple(i for i, c in enumerate(candidates) if c.item in group.items)
        if group.cap is not None and members:
            yield CapGroup(members, max(1, round(group.cap)))


def _matrix(rows: Sequence[Row], columns: int) -> csr_array:
    counts = [len(row) for row, _ in rows]
    at = np.fromiter((column for row, _ in rows for column in row), np.int64, sum(counts))
    data = np.fromiter((a for row, _ in rows for a in row.values()), np.float64, sum(counts))
    return csr_array((data, (np.repeat(np.arange(len(rows)), counts), at)), shape=(len(rows), columns))
