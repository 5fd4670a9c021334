"""What was found of one model version beside what it is compared with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from models.logit.calibration import Reliability
from pipelines.evaluate.intervals import Estimate, estimate
from pipelines.evaluate.outcome import GroupReach, Outcome
from privacy.aggregates import Counts, release

Floats = npt.NDArray[np.float64]
MODEL = "model"
"""What the version judged is called among the methods."""
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, eq=False)
class Method:
    """One way of doing the same task, case by case."""

    values: Floats
    """(cases,): the measure; higher is better."""
    reached: Floats
    """(cases,) 0 or 1, NaN where nothing was there to be reached."""
    calibration_error: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """One model version, the methods it stands beside, and the groups of its cases."""

    model: str
    version: str
    measure: str
    methods: Mapping[str, Method]
    """By name, `MODEL` among them; all over the same cases."""
    reference: str
    """The method it must not fall behind."""
    groups: pl.DataFrame
    """A row a case, a column a dimension."""
    metrics: Mapping[str, float] = field(default_factory=dict)
    reliabilities: Mapping[str, Reliability] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """What a reader should know beside the figures."""

    def estimates(self, seed: int) -> dict[str, Estimate]:
        """The measure of every method."""
        return {name: estimate(method.values, seed) for name, method in self.methods.items()}

    def differences(self, seed: int) -> dict[str, Estimate]:
        """The paired difference of the model to every other method."""
        own = self.methods[MODEL].values
        return {
            name: estimate(own - method.values, seed)
            for name, method in self.methods.items()
            if name != MODEL
        }

    def by_group(self) -> Iterator[GroupReach]:
        """How each group is reached, by the model and by the reference."""
        own, other = self.methods[MODEL].reached, self.methods[self.reference].reached
        counted = np.isfinite(own) & np.isfinite(other)
        for dimension in self.groups.columns:
            column = self.groups[dimension]
            told = _told(column.filter(pl.Series(counted)))
            for group in column.drop_nulls().unique().sort():
                at = (column == group).fill_null(False).to_numpy() & counted
                if group in told:
                    yield GroupReach(
                        dimension=dimension,
                        group=str(group),
                        subjects=int(at.sum()),
                        reach=float(own[at].mean()),
                        baseline=float(other[at].mean()),
                    )

    def slices(self, seed: int) -> Iterator[tuple[str, str, Estimate]]:
        """dimension, group and the model's measure there, groups of unknown members last."""
        own = self.methods[MODEL].values
        for dimension in self.groups.columns:
            column = self.groups[dimension].fill_null(UNKNOWN)
            for group in sorted(_told(column), key=lambda name: (name == UNKNOWN, str(name))):
                at = (column == group).to_numpy()
                yield dimension, str(group), estimate(own[at], seed)

    def outcome(self, on: dt.date) -> Outcome:
        """The document that gates read; its pairs are in no order that would tell whose they are."""
        own, other = self.methods[MODEL], self.methods[self.reference]
        pairs = sorted(zip(own.values.tolist(), other.values.tolist(), strict=True))
        return Outcome(
            model=self.model,
            version=self.version,
            evaluated_on=on,
            measure=self.measure,
            values=tuple(value for value, _ in pairs),
            reference=self.reference,
            reference_values=tuple(value for _, value in pairs),
            calibration_error=own.calibration_error,
            reference_calibration_error=other.calibration_error,
            groups=tuple(self.by_group()),
            faults=self.faults,
        )


def _told(groups: pl.Series) -> set[str]:
    """The groups of one dimension whose figures tell of no few: nor does what they leave of the whole."""
    named = groups.fill_null(UNKNOWN)
    counts = Counts((named.name,))
    counts.add(named.to_frame())
    released = release(counts)
    return {group for dimension, group in counts.single if released.told([(dimension, group)]) is not None}
