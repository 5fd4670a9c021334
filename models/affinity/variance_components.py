"""How much each group of terms tells of what subjects take up: estimated from the data, not chosen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import linalg, optimize

from models.affinity.inputs import InputEncoder, group_of
from models.affinity.sparse_rows import Csr, dense, scaled_columns

Matrix = npt.NDArray[np.float64]
MOST_ROWS = 700
"""Subjects the variances are estimated from: every step solves a dense system of as many."""
DIRECTIONS = 12
"""Main directions in which subjects' take-up differs; beyond them there is mostly noise."""
SMALLEST, LARGEST = -18.0, 3.0
"""Bounds of a variance's logarithm."""
TRUSTED = 100.0
"""Interactions at which a subject counts half in the mean and the main directions."""


@dataclass(frozen=True, slots=True, eq=False)
class VarianceComponents:
    """The prior variance of one weight of each group, and what a subject's own noise is made of."""

    of_column: Matrix
    """(inputs,)."""
    of_subject: float
    """What a subject has of its own, whatever the number of its interactions."""
    of_interaction: float
    """Divided by the number of interactions."""

    def noise(self, total: Matrix) -> Matrix:
        """Each subject's noise, given how many interactions it has."""
        return self.of_subject + self.of_interaction / np.maximum(total, 1e-9)


def estimated(
    encoder: InputEncoder, rows: Csr, targets: Matrix, total: Matrix, seed: int
) -> VarianceComponents:
    """By restricted maximum likelihood, all main directions of the targets (rows, items) together.

    A random-effects model in which every weight of a group is drawn around nought with the group's
    variance: groups that tell nothing come out with none and are shrunk away.
    """
    some = _sample(rows.shape[0], seed)
    member, groups = groups_of_terms(encoder)
    shared = [_shared(rows[some], member == group) for group in range(groups)]
    columns = main_directions(targets[some], total[some])
    found = _restricted_likelihood(shared, columns, 1.0 / np.maximum(total[some], 1e-9))
    return VarianceComponents(found[:-2][member], float(found[-2]), float(found[-1]))


def weighted_mean(targets: Matrix, total: Matrix) -> Matrix:
    """The mean target, subjects with many interactions counting more, up to a point."""
    trust = total / (total + TRUSTED)
    return np.asarray(trust @ targets / max(float(trust.sum()), 1e-9))


def posterior_mean(rows: Csr, variance: Matrix, noise: Matrix, deviation: Matrix) -> Matrix:
    """Weights (inputs, items) given what rows deviate by, (rows, items), each with its own noise."""
    precision = 1.0 / np.sqrt(noise)
    prior = scaled_columns(rows, variance)
    kernel = precision[:, None] * dense(prior @ rows.T) * precision
    kernel[np.diag_indices_from(kernel)] += 1.0
    told = precision[:, None] * deviation
    solved = linalg.solve(kernel, told, assume_a="pos", check_finite=False)
    return np.asarray(prior.T @ (precision[:, None] * solved))


def _sample(rows: int, seed: int) -> npt.NDArray[np.intp]:
    if rows <= MOST_ROWS:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).choice(rows, MOST_ROWS, replace=False))


def groups_of_terms(encoder: InputEncoder) -> tuple[npt.NDArray[np.intp], int]:
    """Each column's group of terms, as a number, and how many there are."""
    names = [(name,) for name in encoder.features] + list(encoder.products)
    told = [tuple(sorted(group_of(part) for part in name)) for name in names]
    told += [("",)] * (encoder.width - len(names))
    places = {group: at for at, group in enumerate(dict.fromkeys(told))}
    return np.array([places[group] for group in told], dtype=np.intp), len(places)


def _shared(rows: Csr, chosen: npt.NDArray[np.bool_]) -> Matrix:
    """(rows, rows): how much of one group of terms two subjects have in common."""
    columns = rows[:, np.flatnonzero(chosen)]
    return dense(columns @ columns.T)


def main_directions(targets: Matrix, total: Matrix) -> Matrix:
    """(rows, directions): deviations from the mean along the axes in which they are largest."""
    deviation = targets - weighted_mean(targets, total)
    trust = np.sqrt(total / (total + TRUSTED))
    spread = deviation * trust[:, None]
    most = min(DIRECTIONS, spread.shape[1])
    items = spread.shape[1]
    _, axes = linalg.eigh(spread.T @ spread, subset_by_index=[items - most, items - 1])
    return np.asarray(deviation @ axes)


def _restricted_likelihood(shared: list[Matrix], columns: Matrix, per_interaction: Matrix) -> Matrix:
    """Variances of the groups, of the subject and of the interaction that make the columns likeliest."""
    spread = max(float(columns.var(axis=0).mean()), 1e-9)
    weight = [spread / max(float(np.trace(one)) / len(one), 1e-9) / len(shared) for one in shared]
    start = np.log([*weight, 0.1 * spread, spread / max(float(per_interaction.mean()), 1e-9)])
    found = optimize.minimize(
        _loss,
        np.clip(start, SMALLEST, LARGEST),
        args=(shared, columns, per_interaction, 100.0 * spread),
        jac=True,
        method="L-BFGS-B",
        bounds=[(SMALLEST, LARGEST)] * len(start),
        options={"maxiter": 40},
    )
    return np.exp(np.asarray(found.x, dtype=np.float64))


def _loss(
    logs: Matrix, shared: list[Matrix], columns: Matrix, per_interaction: Matrix, free: float
) -> tuple[float, Matrix]:
    """Minus the log likelihood, and its slope; `free` is the prior variance of the mean."""
    variance = np.exp(logs)
    size = len(columns)
    total = np.full((size, size), free)
    for share, kernel in zip(variance, shared, strict=False):
        total += share * kernel
    total[np.diag_indices(size)] += variance[-2] + variance[-1] * per_interaction
    factor = linalg.cho_factor(total, lower=True, check_finite=False)
    solved = linalg.cho_solve(factor, columns, check_finite=False)
    inverse = linalg.cho_solve(factor, np.eye(size), check_finite=False)
    width = columns.shape[1]
    value = width * np.log(np.diag(factor[0])).sum() + 0.5 * float((columns * solved).sum())
    slope = width * inverse - solved @ solved.T
    own = np.diag(slope)
    of_groups = [float(np.vdot(slope, kernel)) for kernel in shared]
    slopes = np.array([*of_groups, own.sum(), own @ per_interaction])
    return float(value), 0.5 * variance * slopes
