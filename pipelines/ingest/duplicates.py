"""Rows that say the same twice, and rows that contradict each other or what is held already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from pipelines.ingest.contract import Column, Contract
from pipelines.ingest.masks import Masks, Reason
from pipelines.ingest.reading import ROW


@dataclass(frozen=True, slots=True)
class Sorted:
    """The good rows of a file, sorted by what is to be done with them."""

    new: pl.DataFrame
    changed: pl.DataFrame
    unchanged: int


def distinct_rows(good: pl.DataFrame, contract: Contract, rejected: Masks, rows: pl.Series) -> pl.DataFrame:
    """One row a key. Rows that say the same are one row; contradicting ones are masked, all of them.

    `rows` are the numbers of all rows of the file, which the masks follow.
    """
    keys = good.select(contract.key)
    if not keys.is_duplicated().any():
        return good
    bodies = good.unique([column.name for column in contract.columns], keep="first", maintain_order=True)
    torn = bodies.filter(bodies.select(contract.key).is_duplicated()).select(contract.key).unique()
    against = good.join(torn, on=list(contract.key), how="semi", nulls_equal=True)
    if not against.is_empty():
        reason = Reason("conflicting_rows", "+".join(contract.key))
        rejected.masks[reason] = rows.is_in(against[ROW].implode())
    return bodies.join(torn, on=list(contract.key), how="anti", nulls_equal=True)


def against_held(
    distinct: pl.DataFrame, held: pl.DataFrame, contract: Contract, rejected: Masks, rows: pl.Series
) -> Sorted:
    """Compare with what is held under the same keys; mask what would change what must not change.

    `held` has the contract's columns.
    """
    names = [column.name for column in contract.columns]
    key = list(contract.key)
    if held.is_empty():
        return Sorted(distinct, distinct.clear(), 0)
    new = distinct.join(held, on=key, how="anti", nulls_equal=True)
    met = distinct.join(
        held.select(names), on=key, how="inner", nulls_equal=True, suffix="_held", coalesce=True
    )
    rest = [column for column in contract.columns if column.name not in key]
    differs = pl.any_horizontal(pl.lit(False), *(_differs(column) for column in rest))
    same = met.filter(~differs)
    refused = _refused(met.filter(differs), rest)
    for reason, numbers in refused.items():
        rejected.masks[reason] = rows.is_in(numbers.implode())
    bad = pl.concat([pl.Series(ROW, [], dtype=pl.UInt32), *refused.values()])
    changed = met.filter(differs & ~pl.col(ROW).is_in(bad.implode())).select(distinct.columns)
    return Sorted(new, changed, same.height)


def _differs(column: Column) -> pl.Expr:
    return pl.col(column.name).ne_missing(pl.col(f"{column.name}_held"))


def _refused(differing: pl.DataFrame, columns: Sequence[Column]) -> dict[Reason, pl.Series]:
    """By reason: the numbers of the rows that may not replace what is held."""
    found = {}
    for column in columns:
        match column.change:
            case "fixed":
                reason, wrong = Reason("key_taken", column.name), _differs(column)
            case "once":
                settled = pl.col(f"{column.name}_held").is_not_null()
                reason, wrong = Reason("already_final", column.name), settled & _differs(column)
            case _:
                continue
        numbers = differing.filter(wrong)[ROW]
        if not numbers.is_empty():
            found[reason] = numbers
    return found
