"""What anybody could have seen: the traces intents leave in the log and the case records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from pipelines.city.randomness import Ints

Mark = Literal["view", "intent", "use"]
"""A view on the pages; an intent's first trace (a first view, or a case in person); a case opened."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Pairs that left one sort of mark in a month."""

    month: int
    rows: Ints
    columns: Ints


@dataclass(slots=True)
class Traces:
    """The traces of one block since a month."""

    since: int
    marks: dict[tuple[str, Mark], list[Trace]] = field(default_factory=dict)

    def leave(self, scope: str, month: int, mark: Mark, rows: Ints, columns: Ints) -> None:
        """Keep marks of a month."""
        if month >= self.since and len(rows):
            self.marks.setdefault((scope, mark), []).append(Trace(month, rows, columns))

    def of(self, scope: str, mark: Mark) -> Iterator[Trace]:
        """The marks of one sort, month by month."""
        yield from self.marks.get((scope, mark), ())

    def counts(
        self, scope: str, mark: Mark, shape: tuple[int, int], months: range
    ) -> npt.NDArray[np.float32]:
        """Rows x items: how many marks of a sort fell in some months."""
        total = np.zeros(shape, dtype=np.float32)
        for trace in self.of(scope, mark):
            if trace.month in months:
                np.add.at(total, (trace.rows, trace.columns), 1.0)
        return total
