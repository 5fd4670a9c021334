"""The log of pages as another policy would see it: each shown row with how much oftener it would show it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.off_policy.totals import Floats, Ints


@dataclass(frozen=True, slots=True)
class Reweighted:
    """Rows of logged slates, weighted for one target policy.

    `weight` is the chance that the target shows that item at that place of that slate, over the chance
    that the logging policy did. Without a direct model `expected` and `expected_target` are zero.
    """

    slate: Ints
    """(rows,) the slate's number, from 0."""
    position: Ints
    """(rows,) from 1."""
    reward: Floats
    """(rows,) what came of it: 1 for a click."""
    weight: Floats
    """(rows,)"""
    cluster: Ints
    """(slates,) the number of the subject each slate was shown to, from 0."""
    expected: Floats
    """(rows,) what the direct model expects of the row as logged."""
    expected_target: Floats
    """(slates,) what it expects of the slate under the target."""

    def __post_init__(self) -> None:
        """Raise ValueError for shapes that do not fit and numbers that cannot be, all at once."""
        rows, slates = self.slate.shape, self.cluster.shape
        wrong = [
            f"{name} has the shape {getattr(self, name).shape}, not {shape}"
            for name, shape in (
                ("position", rows), ("reward", rows), ("weight", rows), ("expected", rows),
                ("expected_target", slates),
            )
            if getattr(self, name).shape != shape
        ]  # fmt: skip
        if not wrong:
            numbers = {n: getattr(self, n) for n in ("reward", "weight", "expected", "expected_target")}
            wrong += [
                f"{name} holds what is no number" for name, v in numbers.items() if not np.isfinite(v).all()
            ]
            wrong += ["a weight is negative"] if (self.weight < 0).any() else []
            wrong += ["positions count from 1"] if (self.position < 1).any() else []
            outside = len(self.slate) and not 0 <= self.slate.min() <= self.slate.max() < len(self.cluster)
            wrong += ["a row's slate is none of the slates"] if outside else []
        if wrong:
            raise ValueError("; ".join(wrong))

    @property
    def row_cluster(self) -> Ints:
        """(rows,) the subject of each row."""
        return np.asarray(self.cluster[self.slate])

    @property
    def clusters(self) -> int:
        """How many subjects there are."""
        return int(self.cluster.max(initial=-1)) + 1


def without_model(slate: Ints, position: Ints, reward: Floats, weight: Floats, cluster: Ints) -> Reweighted:
    """Rows without a direct model."""
    return Reweighted(slate, position, reward, weight, cluster, np.zeros(len(slate)), np.zeros(len(cluster)))
