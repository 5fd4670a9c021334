"""The one form every affinity model ends in: encoded inputs @ projection @ item factors + bias."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from models.affinity.dataset import Floats, SubjectBatch
from models.affinity.inputs import Gate, InputEncoder


def frozen(values: npt.ArrayLike) -> Floats:
    """A read-only float32 copy."""
    array = np.array(values, dtype=np.float32)
    array.setflags(write=False)
    return array


@dataclass(frozen=True, slots=True, eq=False)
class LinearBlock:
    """One group of inputs and what it says of each item."""

    encoder: InputEncoder
    factors: Floats
    """(dimensions, items)."""
    projection: Floats | None = None
    """(encoder width, dimensions); without one the inputs are the dimensions."""

    def represent(self, batch: SubjectBatch) -> Floats:
        """Each subject in this block's dimensions, (subjects, dimensions)."""
        rows = self.encoder.encode(batch)
        dense = rows.toarray() if self.projection is None else rows @ self.projection
        return np.asarray(dense, dtype=np.float32)

    def scores(self, batch: SubjectBatch) -> Floats:
        """(subjects, items), without bias."""
        if self.projection is None:
            return np.asarray(self.encoder.encode(batch) @ self.factors, dtype=np.float32)
        return self.represent(batch) @ self.factors

    def scaled(self, by: float | Floats, gate: Gate = Gate.ALWAYS) -> LinearBlock:
        """The same block weighted, by one number or one an item, speaking under another gate."""
        encoder = self.encoder if gate is Gate.ALWAYS else replace(self.encoder, gate=gate)
        return LinearBlock(encoder, frozen(self.factors * by), self.projection)


@dataclass(frozen=True, slots=True, eq=False)
class LinearAffinity:
    """A fitted affinity as a sum of blocks and a bias an item.

    Blocks that share one array of factors are summed first and multiplied once: where all do, a
    subject is one short vector (`represent`), which is the form the city run works on.
    """

    items: tuple[str, ...]
    blocks: tuple[LinearBlock, ...]
    bias: Floats

    @property
    def compact(self) -> bool:
        """Whether a subject is a single vector."""
        return len({id(block.factors) for block in self.blocks}) == 1

    @property
    def item_factors(self) -> Floats:
        """(dimensions, items) of a compact form; raises ValueError for another."""
        if not self.compact:
            raise ValueError("not compact: export it first")
        return self.blocks[0].factors

    def represent(self, batch: SubjectBatch) -> Floats:
        """Each subject as one vector, (subjects, dimensions); raises ValueError unless compact."""
        total = np.zeros((len(batch), self.item_factors.shape[0]), dtype=np.float32)
        for block in self.blocks:
            total += block.represent(batch)
        return total

    def scores(self, batch: SubjectBatch) -> Floats:
        """(subjects, items), higher is better."""
        if self.blocks and self.compact:
            return self.represent(batch) @ self.item_factors + self.bias
        total = np.tile(self.bias, (len(batch), 1))
        for block in self.blocks:
            total += block.scores(batch)
        return total
