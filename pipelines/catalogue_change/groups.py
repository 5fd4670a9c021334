"""The groups changes are told by, and the counts that are small enough to point at somebody."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from importlib import resources
from typing import Final

import msgspec
import polars as pl

from catalog.catalogue import Catalogue
from catalog.vocabulary import SubjectKind
from features.categories import category
from features.derived import with_attributes
from features.named import Trait
from features.schema import MaskedTable

SMALLEST_CELL: Final = 10
"""Counts below this are not told."""
NOT_TOLD: Final = "not told"
"""The group of those of whom the attribute is unknown."""


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One group of one dimension; a count that is None is too small to be told, or would tell one that is."""

    kind: SubjectKind
    dimension: str
    group: str
    people: int | None
    touched: int | None


@lru_cache(maxsize=1)
def _dimensions() -> dict[SubjectKind, dict[str, Trait]]:
    text = (resources.files("pipelines.catalogue_change") / "groups.yaml").read_bytes()
    return msgspec.yaml.decode(text, type=dict[SubjectKind, dict[str, Trait]])


def grouped(table: MaskedTable, catalogue: Catalogue, on: dt.date) -> pl.DataFrame:
    """`subject` and one column a dimension, for a table of subjects themselves; unknown is `NOT_TOLD`."""
    known = {
        name: trait
        for name, trait in _dimensions()[table.kind].items()
        if trait.attribute in catalogue.attributes
    }
    frame = with_attributes(table.frame, dict.fromkeys(t.attribute for t in known.values()), catalogue, on)
    return frame.select(
        "subject",
        *(
            category(trait, frame, catalogue, on).fill_null(NOT_TOLD).alias(name)
            for name, trait in known.items()
        ),
    )


def cells(counts: pl.DataFrame, kind: SubjectKind, dimension: str) -> tuple[Cell, ...]:
    """The cells of one dimension from `group, people, touched`, less the counts that are not to be told."""
    rows = counts.sort("group").to_dicts()
    people = told([row["people"] for row in rows])
    touched = told([row["touched"] for row in rows])
    return tuple(
        Cell(kind=kind, dimension=dimension, group=row["group"], people=p, touched=t)
        for row, p, t in zip(rows, people, touched, strict=True)
    )


def told(counts: list[int]) -> list[int | None]:
    """Counts of a known total, fit to be told: none is small, and none hidden alone, to be worked out."""
    hidden = {place for place, count in enumerate(counts) if 0 < count < SMALLEST_CELL}
    if len(hidden) == 1:
        others = [place for place, count in enumerate(counts) if count >= SMALLEST_CELL]
        hidden |= {min(others, key=counts.__getitem__)} if others else set()
    return [None if place in hidden else count for place, count in enumerate(counts)]
