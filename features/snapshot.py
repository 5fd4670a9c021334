"""A whole population's attributes as of a day, or each row's as of its own instant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import polars as pl

from catalog.catalogue import Catalogue
from catalog.vocabulary import Scope, SubjectKind
from features.point_in_time import History, joined_as_of
from features.registers import registers_of, stored_attributes
from features.schema import ScopeTable
from features.statements import INSTANT, AttributeHistory, end_of, statement_columns


def snapshot(
    history: AttributeHistory,
    kind: SubjectKind,
    scope: Scope,
    on: dt.date,
    scope_items: pl.DataFrame,
) -> ScopeTable:
    """The attributes of all these scope items at the end of a business day; see `snapshot_at`."""
    return snapshot_at(history, kind, scope, end_of(on), scope_items)


def snapshot_at(
    history: AttributeHistory, kind: SubjectKind, scope: Scope, at: dt.datetime, scope_items: pl.DataFrame
) -> ScopeTable:
    """The attributes of all these scope items at an (aware) instant, in the order given.

    `scope_items` has `id`, `scope`, `owner` of subjects of this kind; of other scopes are left out.
    Every stored attribute of the scope and of the owner itself is a column, null where nobody told.
    """
    rows = scope_items.filter(pl.col("scope") == scope).select(scope_item="id", subject="owner")

    def told(so_far: pl.DataFrame, of: Scope, register: str, key: str) -> pl.DataFrame:
        wanted = rows.lazy().select(pl.col(key).alias("scope_item")).unique()
        last = history.latest(kind, of, register, at).join(wanted, on="scope_item", how="semi")
        last_now = last.drop("observed_at").collect()
        return so_far.join(last_now, left_on=key, right_on="scope_item", how="left", maintain_order="left")

    return ScopeTable(kind, scope, _assembled(rows, history.catalogue, kind, scope, told))


def snapshots(
    history: AttributeHistory,
    kind: SubjectKind,
    scope: Scope,
    on: dt.date,
    scope_items: pl.DataFrame,
    rows: int = 250_000,
) -> Iterator[ScopeTable]:
    """The same in parts of so many rows, so that a city of any size fits in memory."""
    chosen = scope_items.filter(pl.col("scope") == scope)
    for part in chosen.iter_slices(rows):
        yield snapshot(history, kind, scope, on, part)


def historical_attributes(
    history: AttributeHistory,
    kind: SubjectKind,
    scope: Scope,
    rows: pl.DataFrame,
) -> ScopeTable:
    """The attributes of each row's scope item as of its own instant; no row is lost or moved.

    `rows` has `scope_item`, `subject`, `event_timestamp` (aware). Nothing said later than a row's
    instant, and nothing that had gone stale by then, is in the row.
    """
    keys = rows.select("scope_item", "subject", pl.col("event_timestamp").cast(INSTANT))

    def told(so_far: pl.DataFrame, of: Scope, register: str, key: str) -> pl.DataFrame:
        said = history.statements(kind, of, register)
        past = History(said, "scope_item", "observed_at", history.shelf_life.of(register))
        return joined_as_of(so_far.lazy(), past, key, "event_timestamp").collect()

    return ScopeTable(kind, scope, _assembled(keys, history.catalogue, kind, scope, told))


def _assembled(
    rows: pl.DataFrame,
    catalogue: Catalogue,
    kind: SubjectKind,
    scope: Scope,
    told: Callable[[pl.DataFrame, Scope, str, str], pl.DataFrame],
) -> pl.DataFrame:
    """The rows with what each register told joined in: of the scope item, then of its owner."""
    keys, columns = rows.columns, list[str]()
    for of, key in _whose(scope):
        columns += statement_columns(stored_attributes(catalogue, kind, of))
        for register in registers_of(catalogue, kind, of):
            # One register at a time: a lazy plan of them all would hold every one in memory at once.
            rows = told(rows, of, register, key)
    return rows.select(*keys, *columns)


def _whose(scope: Scope) -> tuple[tuple[Scope, str], ...]:
    """Whose attributes a row has, and the column that names them."""
    if scope is Scope.SELF:
        return ((Scope.SELF, "scope_item"),)
    return ((scope, "scope_item"), (Scope.SELF, "subject"))
