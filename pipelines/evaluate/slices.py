"""The groups of subjects whose service is compared (slices.yaml)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import msgspec
import polars as pl

from catalog.vocabulary import SubjectKind

SLICES: Final = Path(__file__).with_name("slices.yaml")


class Slice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One dimension: a trait, and which of its bands go together."""

    trait: str
    bands: dict[str, tuple[str, ...]] = {}


@cache
def slices() -> dict[SubjectKind, dict[str, Slice]]:
    """The dimensions of each kind of subject."""
    return msgspec.yaml.decode(SLICES.read_bytes(), type=dict[SubjectKind, dict[str, Slice]])


def groups_of(traits: pl.DataFrame, subjects: pl.Series, kind: SubjectKind) -> pl.DataFrame:
    """One column a dimension, a row for each of these subjects in their order; null is unknown."""
    own = pl.DataFrame({"subject": subjects}).join(traits, on="subject", how="left", maintain_order="left")
    columns = []
    for dimension, slice_ in slices()[kind].items():
        if slice_.trait not in own.columns:
            continue
        column = pl.col(slice_.trait)
        if slice_.bands:
            of_band = {band: group for group, bands in slice_.bands.items() for band in bands}
            column = column.replace_strict(of_band, default=None, return_dtype=pl.String)
        columns.append(column.alias(dimension))
    return own.select("subject", *columns)
