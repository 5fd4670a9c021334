"""Derived attributes, worked out on a day from whatever the mask left: as columns, and for one subject."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

import polars as pl

from catalog.catalogue import Catalogue
from catalog.derivation import parse_derivation, reads
from catalog.derivation_columns import column
from catalog.derivation_values import Known, evaluate
from features.schema import ABSENT, COLUMN_TYPES, Value


def with_attributes(
    frame: pl.DataFrame, names: Iterable[str], catalogue: Catalogue, on: dt.date
) -> pl.DataFrame:
    """The frame with these attributes as columns: derived ones worked out, untold ones null."""
    for name in names:
        frame = _with_attribute(frame, name, catalogue, on)
    return frame


def _with_attribute(frame: pl.DataFrame, name: str, catalogue: Catalogue, on: dt.date) -> pl.DataFrame:
    attribute = catalogue.attributes[name]
    type_ = COLUMN_TYPES[attribute.type]
    if attribute.derived is None:
        if name in frame.columns:
            return frame
        return frame.with_columns(pl.lit(None, dtype=type_).alias(name))
    term = parse_derivation(attribute.derived)
    frame = with_attributes(frame, dict.fromkeys(reads(term)), catalogue, on)
    return frame.with_columns(column(term, on).cast(type_).alias(name))


def attribute_value(told: Mapping[str, Value], name: str, catalogue: Catalogue, on: dt.date) -> Value | None:
    """One attribute of a subject: as told, or derived from what is told; None where it is unknown."""
    derived = catalogue.attributes[name].derived
    if derived is None:
        return told.get(name)
    term = parse_derivation(derived)
    sources = {source: attribute_value(told, source, catalogue, on) for source in reads(term)}
    known: dict[str, Known | None] = {n: None if v is ABSENT else v for n, v in sources.items()}
    return evaluate(term, known, on)
