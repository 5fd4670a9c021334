"""What affinity is learned from: features of subjects and items, and weighted, dated interactions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from models.affinity.sparse_rows import Csr, csr, csr_of_cells, empty

Floats: TypeAlias = npt.NDArray[np.float32]
Days: TypeAlias = npt.NDArray[np.float64]
"""Days since 1970-01-01 UTC; NaN where the time is not known."""
Indices: TypeAlias = npt.NDArray[np.int32]


class AffinityDataError(ValueError):
    """The arrays handed over do not fit together; says which, where, and what was expected."""


def _frozen(values: npt.ArrayLike, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    array = np.array(values, dtype=dtype)
    array.setflags(write=False)
    return array


def _in_order(subject: Indices, item: Indices, time: Days) -> bool:
    """Whether entries rise strictly: then no order is left open, and sorting millions is saved."""
    later = time[1:] > time[:-1]
    same = subject[1:] == subject[:-1]
    rising = (item[1:] > item[:-1]) | ((item[1:] == item[:-1]) & later)
    return bool(((subject[1:] > subject[:-1]) | (same & rising)).all())


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """One row a subject or item, one named column a feature; `group=value` names its group.

    Absent is zero: an unknown value has no indicator at all, it is never the indicator of "no".
    """

    matrix: Csr
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        """Take a copy in float32 and check it; raises AffinityDataError."""
        matrix = csr(self.matrix, copy=True)
        matrix.sum_duplicates()
        if matrix.shape[1] != len(self.names):
            raise AffinityDataError(f"features: {matrix.shape[1]} columns but {len(self.names)} names")
        if len(set(self.names)) != len(self.names):
            raise AffinityDataError("features: a name stands twice; every column needs its own")
        if not np.isfinite(matrix.data).all():
            raise AffinityDataError("features: NaN or infinity; leave an unknown value out instead")
        object.__setattr__(self, "matrix", matrix)

    @classmethod
    def none(cls, rows: int) -> Features:
        """No features at all, for so many rows."""
        return cls(empty(rows, 0), ())

    @classmethod
    def from_indicators(cls, rows: Sequence[Sequence[str]]) -> Features:
        """Each row's indicators by name; columns in alphabetical order."""
        names = tuple(sorted({name for row in rows for name in row}))
        column = {name: at for at, name in enumerate(names)}
        index = np.array([column[name] for row in rows for name in row], dtype=np.int32)
        owner = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
        return cls(csr_of_cells(np.ones(len(index)), owner, index, (len(rows), len(names))), names)

    def __len__(self) -> int:
        return int(self.matrix.shape[0])

    def aligned(self, names: tuple[str, ...]) -> Csr:
        """The same rows under other columns: unknown names are dropped, missing ones are zero."""
        if names == self.names:
            return self.matrix
        target = {name: at for at, name in enumerate(names)}
        kept = [(at, target[name]) for at, name in enumerate(self.names) if name in target]
        old, new = [a for a, _ in kept], [b for _, b in kept]
        chooser = csr_of_cells(np.ones(len(kept)), old, new, (len(self.names), len(names)))
        return csr(self.matrix @ chooser)

    def rows(self, chosen: npt.NDArray[np.integer]) -> Features:
        """Some of the rows, in the order asked for."""
        return Features(self.matrix[chosen], self.names)


@dataclass(frozen=True, slots=True, eq=False)
class Interactions:
    """Who took up what, how much it counts, and when; one entry an interaction.

    `weight` is any positive count or strength; `time` is in days since 1970-01-01 UTC, NaN if unknown.
    """

    subject: Indices
    item: Indices
    weight: Floats
    time: Days

    def __post_init__(self) -> None:
        """Put them in one order (subject, item, time) and check them; raises AffinityDataError."""
        subject, item = _frozen(self.subject, np.int32), _frozen(self.item, np.int32)
        weight, time = _frozen(self.weight, np.float32), _frozen(self.time, np.float64)
        if not len(subject) == len(item) == len(weight) == len(time):
            raise AffinityDataError("interactions: subject, item, weight and time differ in length")
        if len(subject) and (subject.min() < 0 or item.min() < 0):
            raise AffinityDataError("interactions: a subject or item index is negative")
        if not (np.isfinite(weight).all() and (weight > 0).all()):
            raise AffinityDataError("interactions: weights must be positive and finite")
        columns = {"subject": subject, "item": item, "weight": weight, "time": time}
        if not _in_order(subject, item, time):
            order = np.lexsort((weight, time, item, subject))
            columns = {name: _frozen(values[order], values.dtype) for name, values in columns.items()}
        for name, values in columns.items():
            object.__setattr__(self, name, values)

    @classmethod
    def of(
        cls,
        subject: npt.ArrayLike,
        item: npt.ArrayLike,
        weight: npt.ArrayLike | None = None,
        time: npt.ArrayLike | None = None,
    ) -> Interactions:
        """Interactions of weight one and unknown time, unless told otherwise."""
        who = np.asarray(subject, np.int32)
        return cls(
            who,
            np.asarray(item, np.int32),
            np.ones(len(who), np.float32) if weight is None else np.asarray(weight, np.float32),
            np.full(len(who), np.nan) if time is None else np.asarray(time, np.float64),
        )

    @classmethod
    def none(cls) -> Interactions:
        """Nothing taken up."""
        return cls.of([], [])

    def __len__(self) -> int:
        return len(self.subject)

    def take(self, kept: npt.NDArray[np.bool_]) -> Interactions:
        """Those marked true."""
        return Interactions(self.subject[kept], self.item[kept], self.weight[kept], self.time[kept])

    def of_subjects(self, chosen: npt.NDArray[np.integer], total: int) -> Interactions:
        """Those of the chosen subjects, renumbered in the order chosen."""
        place = np.full(total, -1, dtype=np.int32)
        place[chosen] = np.arange(len(chosen), dtype=np.int32)
        kept = place[self.subject] >= 0
        return Interactions(place[self.subject[kept]], self.item[kept], self.weight[kept], self.time[kept])

    def matrix(self, shape: tuple[int, int]) -> Csr:
        """Summed weights by subject and item."""
        return csr_of_cells(self.weight, self.subject, self.item, shape)

    def mean_time(self, subjects: int) -> Days:
        """Each subject's weighted mean time in days; NaN for a subject without dated interactions."""
        known = np.isfinite(self.time)
        weight = self.weight[known].astype(np.float64)
        total = np.bincount(self.subject[known], weight, minlength=subjects)
        summed = np.bincount(self.subject[known], weight * self.time[known], minlength=subjects)
        mean = np.full(subjects, np.nan)
        np.divide(summed, total, out=mean, where=total > 0)
        return mean


@dataclass(frozen=True, slots=True, eq=False)
class AffinityDataset:
    """All a model may learn from. An item without interactions is unobserved, not disliked."""

    subject_features: Features
    item_features: Features
    interactions: Interactions
    items: tuple[str, ...]

    def __post_init__(self) -> None:
        """Check that rows, indices and ids fit together; raises AffinityDataError."""
        if len(self.item_features) != len(self.items):
            raise AffinityDataError(
                f"dataset: {len(self.item_features)} rows of item features for {len(self.items)} items"
            )
        if len(set(self.items)) != len(self.items):
            raise AffinityDataError("dataset: an item id stands twice")
        taken = self.interactions
        if len(taken) and int(taken.item.max()) >= len(self.items):
            raise AffinityDataError("dataset: an interaction points past the last item")
        if len(taken) and int(taken.subject.max()) >= len(self.subject_features):
            raise AffinityDataError("dataset: an interaction points past the last subject")

    @property
    def subjects(self) -> int:
        """How many subjects there are."""
        return len(self.subject_features)

    def matrix(self) -> Csr:
        """Summed weights, subjects x items."""
        return self.interactions.matrix((self.subjects, len(self.items)))

    def with_interactions(self, interactions: Interactions) -> AffinityDataset:
        """The same subjects and items with other interactions."""
        return AffinityDataset(self.subject_features, self.item_features, interactions, self.items)

    def of_subjects(self, chosen: npt.NDArray[np.integer]) -> AffinityDataset:
        """Some of the subjects with their interactions, renumbered in the order chosen."""
        interactions = self.interactions.of_subjects(chosen, self.subjects)
        return AffinityDataset(
            self.subject_features.rows(chosen), self.item_features, interactions, self.items
        )

    def batch(self) -> SubjectBatch:
        """The training subjects with their own interactions as history."""
        return SubjectBatch(self.subject_features, self.interactions, self.items)


@dataclass(frozen=True, slots=True, eq=False)
class SubjectBatch:
    """Subjects to rank for: what is known of them and what they took up before, if anything.

    `history.item` indexes `items`, the batch's own list of ids, which may hold ids a model never saw.
    `at` is the day each is ranked for, by default the mean time of their history.
    """

    features: Features
    history: Interactions = field(default_factory=Interactions.none)
    items: tuple[str, ...] = ()
    at: Days | None = None

    def __post_init__(self) -> None:
        """Check that rows and indices fit together; raises AffinityDataError."""
        if len(self.history) and int(self.history.subject.max()) >= len(self.features):
            raise AffinityDataError("batch: the history points past the last subject")
        if len(self.history) and int(self.history.item.max()) >= len(self.items):
            raise AffinityDataError("batch: the history points past the last of the batch's item ids")
        at = self.history.mean_time(len(self.features)) if self.at is None else self.at
        if len(at) != len(self.features):
            raise AffinityDataError(f"batch: {len(at)} days for {len(self.features)} subjects")
        object.__setattr__(self, "at", _frozen(at, np.float64))

    def __len__(self) -> int:
        return len(self.features)

    @property
    def days(self) -> Days:
        """The day each subject is ranked for; NaN where not known."""
        assert self.at is not None  # noqa: S101 (set on construction)
        return self.at

    def history_matrix(self, items: tuple[str, ...]) -> Csr:
        """Summed weights of the history, subjects x the items asked for; unknown ids are left out."""
        own = self.history.matrix((len(self), len(self.items)))
        return Features(own, self.items).aligned(items)

    def rows(self, chosen: npt.NDArray[np.integer]) -> SubjectBatch:
        """Some of the subjects, in the order asked for."""
        history = self.history.of_subjects(chosen, len(self))
        return SubjectBatch(self.features.rows(chosen), history, self.items, self.days[chosen])
