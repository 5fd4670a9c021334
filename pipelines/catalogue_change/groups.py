"""The groups changes are told by, and the counts that are small enough to point at somebody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
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
from privacy.aggregates import Counts, Group, in_tens, release

TOUCHED: Final = "touched"
YES, NO, BETWEEN = "yes", "no", "\x1f"
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


def marked(frame: pl.DataFrame, dimensions: Iterable[str]) -> pl.DataFrame:
    """`touched` and one column a dimension, in which each group is parted by who is touched, as text."""
    hit = pl.when("touched").then(pl.lit(YES)).otherwise(pl.lit(NO))
    parted = [pl.concat_str(pl.col(name), hit, separator=BETWEEN).alias(name) for name in dimensions]
    return frame.select(hit.alias(TOUCHED), *parted)


def cells(counts: Counts, kind: SubjectKind) -> Iterator[Cell]:
    """The cells of every dimension, in whole tens, less the counts that would tell of a few."""
    released = release(counts, {group: _other_half(group) for group in counts.single if group[0] != TOUCHED})
    for dimension in counts.dimensions[1:]:
        names = {name.partition(BETWEEN)[0] for of, name in counts.single if of == dimension}
        for name in sorted(names):
            hit, missed = (dimension, f"{name}{BETWEEN}{YES}"), (dimension, f"{name}{BETWEEN}{NO}")
            yield Cell(
                kind=kind,
                dimension=dimension,
                group=name,
                people=_tens(released.told([hit, missed])),
                touched=_tens(released.told([hit])),
            )


def told_of_all(counts: Counts) -> int | None:
    """How many are touched in all, in whole tens; None where they, or those who are not, are few."""
    return _tens(release(counts).told([(TOUCHED, YES)]))


def _tens(told: int | None) -> int | None:
    return None if told is None else in_tens(told)


def _other_half(group: Group) -> Group:
    dimension, name = group
    whole, _, half = name.partition(BETWEEN)
    return dimension, f"{whole}{BETWEEN}{NO if half == YES else YES}"
