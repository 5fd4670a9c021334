"""Packs the latest word of every register on a population: one row a scope item, one packet a register."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator

import polars as pl

from catalog.vocabulary import Scope, SubjectKind
from features.packing import pack_rows
from features.registers import registers_of, stored_attributes
from features.statements import INSTANT, AttributeHistory, latest


def packed_profiles(
    history: AttributeHistory,
    kind: SubjectKind,
    scope: Scope,
    until: dt.datetime,
    rows: int = 100_000,
) -> Iterator[pl.DataFrame]:
    """`scope_item`, `event_timestamp` and a Binary column a register, in parts of about so many rows.

    A scope item that no register speaks of has no row; a register that is silent on one is null. The
    time is that of the register which spoke last; each packet carries its own.
    """
    parts = 1 + _scope_items(history, kind, scope) // rows
    for part in range(parts):
        share = pl.col("scope_item").hash(seed=0) % parts == part
        whole = pl.DataFrame(schema={"scope_item": pl.String, "event_timestamp": INSTANT})
        for register in registers_of(history.catalogue, kind, scope):
            said = history.latest(kind, scope, register, until).filter(share).collect()
            names = [a.name for a in stored_attributes(history.catalogue, kind, scope, register)]
            packets = said.select(
                "scope_item", pl.Series(register, pack_rows(said, names), pl.Binary), at="observed_at"
            )
            whole = (
                whole.join(packets, on="scope_item", how="full", coalesce=True)
                .with_columns(event_timestamp=pl.max_horizontal("event_timestamp", "at"))
                .drop("at")
            )
        yield whole.sort("scope_item")


def packets_of(
    history: AttributeHistory,
    kind: SubjectKind,
    scope: Scope,
    scope_items: Collection[str],
    until: dt.datetime,
) -> dict[str, dict[str, bytes]]:
    """By scope item and register, the packet of the register's last statement; those of a few scope items."""
    found: dict[str, dict[str, bytes]] = {}
    mine = pl.col("scope_item").is_in(list(scope_items))
    for register in registers_of(history.catalogue, kind, scope):
        said = latest(
            history.statements(kind, scope, register).filter(mine),
            until,
            history.shelf_life.of(register),
        ).collect()
        names = [a.name for a in stored_attributes(history.catalogue, kind, scope, register)]
        for id_, packet in zip(said["scope_item"], pack_rows(said, names), strict=True):
            found.setdefault(id_, {})[register] = packet
    return found


def _scope_items(history: AttributeHistory, kind: SubjectKind, scope: Scope) -> int:
    """At least as many as there are scope items any one register speaks of."""
    counts = [
        history.statements(kind, scope, register).select(pl.len()).collect().item()
        for register in registers_of(history.catalogue, kind, scope)
    ]
    return max(counts, default=0)
