"""What every affinity model is: something that is fitted, and something that then scores."""

from __future__ import annotations

from typing import Protocol

from models.affinity.dataset import AffinityDataset, Floats, SubjectBatch
from models.affinity.linear import LinearAffinity


class FittedAffinity(Protocol):
    """A model that has learned; a frozen value."""

    @property
    def items(self) -> tuple[str, ...]:
        """The item ids its columns stand for."""

    def scores(self, batch: SubjectBatch) -> Floats:
        """One row a subject, one column an item; higher is better, comparable within a row only.

        Unknown features and unknown items of the history are ignored; an empty history is fine.
        """


class AffinityModel(Protocol):
    """A configured way to learn affinity. It has no score: only what `fit` returns has one."""

    @property
    def name(self) -> str:
        """Short, unique within a stack; also the name it is reported under."""

    def fit(self, dataset: AffinityDataset, *, seed: int) -> FittedAffinity:
        """Learn from the data set; a new object each time, the same for the same seed."""


class LinearModel(Protocol):
    """An affinity model whose fitted form is linear: what the stack is made of."""

    @property
    def name(self) -> str:
        """Short, unique within a stack; also the name it is reported under."""

    def fit(self, dataset: AffinityDataset, *, seed: int) -> LinearAffinity:
        """Learn from the data set; a new object each time, the same for the same seed."""
