"""Named traits as indicators: a column of ones for each category that enough subjects share.

An unknown trait has no indicator at all. A category of fewer than `least` training subjects has none
either: too rare to learn from, and rare enough to point at somebody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse


@dataclass(frozen=True, slots=True)
class Indicators:
    """The categories that have a column, as `trait=category`, in column order."""

    names: tuple[str, ...]
    _places: Mapping[str, Mapping[str, int]] = field(init=False, repr=False, compare=False)
    """By trait and category, the column."""

    def __post_init__(self) -> None:
        """Index the names. Raises ValueError for one that is no `trait=category`."""
        places: dict[str, dict[str, int]] = {}
        for at, name in enumerate(self.names):
            trait, sign, category = name.partition("=")
            if not sign:
                raise ValueError(f"{name!r} is no indicator: write trait=category")
            places.setdefault(trait, {})[category] = at
        object.__setattr__(self, "_places", places)

    def encode(self, traits: pl.DataFrame) -> sparse.csr_array:
        """(rows, columns) of ones in float32; traits the frame lacks are unknown."""
        columns = [
            traits[trait].replace_strict(places, default=None, return_dtype=pl.Int32)
            for trait, places in self._places.items()
            if trait in traits.columns
        ]
        rows = [column.is_not_null().arg_true().to_numpy() for column in columns]
        found = [column.drop_nulls().to_numpy() for column in columns]
        at = (np.concatenate([[], *rows]).astype(np.int64), np.concatenate([[], *found]).astype(np.int64))
        ones = np.ones(len(at[0]), dtype=np.float32)
        return sparse.csr_array((ones, at), shape=(len(traits), len(self.names)))

    def encode_one(self, traits: Mapping[str, str | None]) -> npt.NDArray[np.int32]:
        """The columns that are one for a single subject, ascending."""
        found = [
            places[category]
            for trait, places in self._places.items()
            if (category := traits.get(trait)) is not None and category in places
        ]
        return np.asarray(sorted(found), dtype=np.int32)


def fit_indicators(
    traits: pl.DataFrame, wanted: Iterable[str], *, least: int = 20, key: Collection[str] = ("subject",)
) -> Indicators:
    """The indicators of the wanted traits, for categories of at least so many distinct `key`s."""
    names: list[str] = []
    for trait in sorted(set(wanted) & set(traits.columns)):
        counted = (
            traits.filter(pl.col(trait).is_not_null()).select(trait, *key).unique().group_by(trait).len()
        )
        common = counted.filter(pl.col("len") >= least)[trait].sort().to_list()
        names += [f"{trait}={category}" for category in common]
    return Indicators(tuple(names))
