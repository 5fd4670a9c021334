"""What follows from what is told, for whole tables: the same completion as of one scope item."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from catalog.derivation_columns import column
from catalog.predicate import presence
from features.schema import COLUMN_TYPES
from models.eligibility.completion import Completion
from models.eligibility.inference import Derivation, Inference
from models.eligibility.plausibility import Impossibility


def complete_table(frame: pl.DataFrame, completion: Completion, on: dt.date) -> pl.DataFrame:
    """The table with implied and derived columns filled in, and presence beside each optional one."""
    frame = _with_missing(frame, completion)
    frame = frame.with_columns(_known_presence(name) for name in completion.optional)
    for step in completion.steps:
        frame = _inferred(frame, step) if isinstance(step, Inference) else _derived(frame, step, on)
    return frame


def _with_missing(frame: pl.DataFrame, completion: Completion) -> pl.DataFrame:
    """The table with a column of nulls for whatever is read and not there: it is unknown of everybody."""
    kinds: dict[str, pl.DataType] = {presence(name): pl.Boolean() for name in completion.optional}
    for step in completion.steps:
        kinds[presence(step.attribute)] = pl.Boolean()
        for source in step.sources:
            kinds[source] = COLUMN_TYPES[completion.types[source]]
        kinds[step.attribute] = COLUMN_TYPES[completion.types[step.attribute]]
    kinds |= {name: COLUMN_TYPES[completion.types[name]] for name in completion.optional}
    absent = {name: kind for name, kind in kinds.items() if name not in frame.columns}
    return frame.with_columns(pl.lit(None, dtype=kind).alias(name) for name, kind in absent.items())


def _known_presence(name: str) -> pl.Expr:
    """A value implies presence."""
    return (pl.col(name).is_not_null() | pl.col(presence(name))).alias(presence(name))


def _inferred(frame: pl.DataFrame, step: Inference) -> pl.DataFrame:
    source = pl.col(step.source).cast(pl.String)
    kind = pl.Boolean() if frame.schema[step.attribute] == pl.Boolean() else pl.String()
    implied = source.replace_strict(dict(step.values), default=None, return_dtype=kind)
    told_presence = pl.col(presence(step.attribute))
    open_to_it = pl.col(step.attribute).is_null() & told_presence.fill_null(True)
    value = pl.when(open_to_it).then(implied).otherwise(pl.col(step.attribute).cast(kind))
    exists = (
        pl.when(open_to_it & implied.is_not_null()).then(True).otherwise(pl.col(presence(step.attribute)))
    )
    return frame.with_columns(value.alias(step.attribute), exists.alias(presence(step.attribute)))


def _derived(frame: pl.DataFrame, step: Derivation, on: dt.date) -> pl.DataFrame:
    exists = _exists(step)
    told = pl.col(step.attribute)
    value = pl.when(exists).then(column(step.term, on)).otherwise(None)
    return frame.with_columns(
        pl.when(told.is_not_null())
        .then(told)
        .otherwise(value.cast(frame.schema[step.attribute]))
        .alias(step.attribute),
        pl.when(told.is_not_null()).then(True).otherwise(exists).alias(presence(step.attribute)),
    )


def _exists(step: Derivation) -> pl.Expr:
    """Whether a derived value exists: all that need not exist has to."""
    asked: Iterable[pl.Expr] = [pl.col(presence(source)) for source in step.optional]
    return pl.all_horizontal(asked) if step.optional else pl.lit(True)


def void(
    frame: pl.DataFrame, impossibilities: Iterable[Impossibility], met: Iterable[NDArray[np.uint8]]
) -> pl.DataFrame:
    """The told table without the values that cannot be so: by impossibility, the rows that meet it."""
    for impossibility, rows in zip(impossibilities, met, strict=True):
        names = {n for name in impossibility.voids for n in (name, presence(name)) if n in frame.columns}
        mask = pl.Series(rows, dtype=pl.Boolean)
        frame = frame.with_columns(
            pl.when(mask).then(None).otherwise(pl.col(n)).alias(n) for n in sorted(names)
        )
    return frame
