"""What is written down while lives unfold: interactions, cases, ratings, as growing columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.city.randomness import Floats, Ints

DAY_MICROSECONDS = 86_400_000_000
Values = npt.NDArray[Any]

INTERACTION_KINDS = (
    "search", "view", "impression", "click", "start", "submit", "complete", "dismiss", "rating",
)  # fmt: skip


def moment(day: Ints, fraction: Floats) -> Ints:
    """Microseconds since 1970 (UTC) within a day's waking hours, 07:00 to 22:00 in Beijing."""
    # 07:00 in Beijing is 23:00 UTC of the day before.
    start = day * DAY_MICROSECONDS - 3_600_000_000
    return start + (np.clip(fraction, 0.0, 0.999999) * 15 * 3_600_000_000).astype(np.int64)


def end_of_day(day: int) -> int:
    """The last microsecond of a day (number) in Beijing."""
    return (day + 1) * DAY_MICROSECONDS - 8 * 3_600_000_000 - 1


@dataclass(slots=True)
class Pages:
    """Chunks of equally named columns, joined when read."""

    chunks: list[dict[str, Values]] = field(default_factory=list)

    def write(self, columns: Mapping[str, Values | int | float]) -> None:
        """Add rows; a plain number stands for every row."""
        rows = max((len(value) for value in columns.values() if isinstance(value, np.ndarray)), default=0)
        if rows:
            full = {
                name: value if isinstance(value, np.ndarray) else np.full(rows, value)
                for name, value in columns.items()
            }
            self.chunks.append(full)

    def frame(self, schema: Mapping[str, Any]) -> pl.DataFrame:
        """All rows in the order written."""
        if not self.chunks:
            return pl.DataFrame(schema=schema)
        columns = {name: np.concatenate([chunk[name] for chunk in self.chunks]) for name in schema}
        return pl.DataFrame(columns).select([pl.col(name).cast(dtype) for name, dtype in schema.items()])


INTERACTIONS: dict[str, Any] = {
    "scope": pl.Int16,
    "row": pl.Int64,
    "item": pl.Int32,
    "kind": pl.Int8,
    "query": pl.Int8,
    "slate": pl.Int64,
    "position": pl.Int64,
    "propensity": pl.Float64,
    "at": pl.Int64,
}
"""`item`, `query`, `slate` and `position` are -1, `propensity` NaN, where there is none."""
CASES: dict[str, Any] = {
    "scope": pl.Int16,
    "row": pl.Int64,
    "item": pl.Int32,
    "cycle": pl.Int64,
    "status": pl.Int8,
    "channel": pl.Int8,
    "opened": pl.Int64,
    "closed": pl.Int64,
    "score": pl.Int8,
}
"""`cycle` is an index into the journal's cycles; `score` is -1 where it was not rated."""


@dataclass(slots=True)
class Journal:
    """The journal of one block."""

    interactions: Pages = field(default_factory=Pages)
    cases: Pages = field(default_factory=Pages)
    slates: Pages = field(default_factory=Pages)
    cycles: list[str] = field(default_factory=list)
    cycle_index: dict[str, int] = field(default_factory=dict)
    slate_count: int = 0

    def cycle(self, name: str) -> int:
        """The number of a cycle's name."""
        number = self.cycle_index.get(name)
        if number is None:
            number = self.cycle_index[name] = len(self.cycles)
            self.cycles.append(name)
        return number

    def act(
        self, kind: str, scope: int, row: Ints, item: Ints, at: Ints, **more: Values | int | float
    ) -> None:
        """Write interactions of one kind."""
        rest: dict[str, Values | int | float] = {
            "query": -1,
            "slate": -1,
            "position": -1,
            "propensity": np.nan,
        }
        code = INTERACTION_KINDS.index(kind)
        self.interactions.write(
            {"scope": scope, "row": row, "item": item, "kind": code, "at": at, **rest, **more}
        )
