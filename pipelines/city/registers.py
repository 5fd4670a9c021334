"""What each source register says of each scope item, and from when: snapshots, late and incomplete."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from catalog.attribute import Attribute
from catalog.predicate import presence
from pipelines.city.block import Block, Setting
from pipelines.city.draws import absent
from pipelines.city.identities import item_ids, item_index
from pipelines.city.journal import DAY_MICROSECONDS, Pages, end_of_day
from pipelines.city.randomness import Bools, Floats, Ints, uniforms
from pipelines.city.scope_state import ColumnType, day_number
from pipelines.city.world_knobs import Register

MOMENT = pl.Datetime("us", "UTC")
_EVENING = 11 * 3_600_000_000


@dataclass(slots=True)
class Registers:
    """The snapshots of one block, by scope and register."""

    block: Block
    pages: dict[tuple[str, str], Pages] = field(default_factory=dict)
    latest: dict[tuple[str, str], Ints] = field(default_factory=dict)
    """When each register last stated each row, in microseconds."""

    def open(self, day: int) -> None:
        """Every register's first statement on everything there is, some days before the log begins."""
        for scope, state in self.block.states.items():
            for register in held_by(self.block.setting, state.key):
                rows = np.flatnonzero(state.alive & (state.born < day))
                before = (
                    uniforms(item_index(self.block, rows), self.block.setting.seed, "first", register) * 25
                ).astype(np.int64) + 1
                self._write(scope, register, rows, (day - before) * DAY_MICROSECONDS + _EVENING)
            state.changed.clear()

    def follow(self) -> None:
        """State again what changed this month, as late as each register is."""
        for scope, state in self.block.states.items():
            for register, last in state.changed.items():
                rows = np.flatnonzero(last >= 0)
                late = lateness(self.block, register, rows)
                observed = (
                    last[rows] * DAY_MICROSECONDS + (late * DAY_MICROSECONDS).astype(np.int64) + _EVENING
                )
                self._write(scope, register, rows, observed)
            state.changed.clear()

    def _write(self, scope: str, register: str, rows: Ints, observed: Ints) -> None:
        state = self.block.states[scope]
        columns: dict[str, npt.NDArray[Any]] = {
            "_row": rows,
            "_at": self._in_order(scope, register, rows, observed),
        }
        for name in held_by(self.block.setting, state.key)[register]:
            columns[name] = state.columns[name][rows]
        self.pages.setdefault((scope, register), Pages()).write(columns)

    def _in_order(self, scope: str, register: str, rows: Ints, observed: Ints) -> Ints:
        """The moments, each after the row's statement before."""
        held = self.latest.get((scope, register), np.zeros(0, dtype=np.int64))
        latest = np.zeros(self.block.states[scope].rows, dtype=np.int64)
        latest[: len(held)] = held
        observed = np.maximum(observed, latest[rows] + 3_600_000_000)
        latest[rows] = observed
        self.latest[scope, register] = latest
        return observed

    def tables(self) -> Mapping[str, pl.DataFrame]:
        """By table name `<kind>.<scope>.<register>`: the contract's columns."""
        as_of = end_of_day(day_number(self.block.setting.as_of))
        tables = {}
        for (scope, register), pages in self.pages.items():
            if not pages.chunks:
                continue
            joined = _joined(pages)
            kept = (joined["_at"] <= as_of) & self._still_there(scope, joined["_row"])
            columns = {name: column[kept] for name, column in joined.items()}
            tables[f"{self.block.kind}.{scope}.{register}"] = self._table(scope, register, columns)
        return tables

    def _still_there(self, scope: str, rows: Ints) -> Bools:
        state = self.block.states[scope]
        return self.block.remaining[state.owner[rows]]

    def _table(self, scope: str, register: str, columns: Mapping[str, npt.NDArray[Any]]) -> pl.DataFrame:
        block, state = self.block, self.block.states[scope]
        rows = columns["_row"]
        series = [
            pl.Series("scope_item", item_ids(block, scope, rows)),
            pl.Series("observed_at", columns["_at"]).cast(MOMENT),
        ]
        for name, attribute in held_by(block.setting, state.key)[register].items():
            hidden = unknown_to(block, state.key, attribute, rows)
            series += _columns(attribute, state.types[name], columns[name], hidden)
        return pl.DataFrame(series)


def _columns(
    attribute: Attribute, kind: ColumnType, column: npt.NDArray[Any], hidden: Bools
) -> list[pl.Series]:
    """The attribute's cells, null where the register does not know, and its presence where it is optional."""
    told = np.where(hidden, kind.empty(len(column)), column).astype(column.dtype)
    values = kind.series(told)
    if not attribute.optional:
        return [values]
    there = pl.Series(presence(attribute.name), ~absent(column, kind.type))
    known = pl.select(pl.when(pl.Series(~hidden)).then(there).alias(there.name)).to_series()
    return [values, known]


def _joined(pages: Pages) -> dict[str, npt.NDArray[Any]]:
    return {name: np.concatenate([chunk[name] for chunk in pages.chunks]) for name in pages.chunks[0]}


def held_by(setting: Setting, key: str) -> Mapping[str, dict[str, Attribute]]:
    """The stored attributes of a scope by register, in name order."""
    registers: dict[str, dict[str, Attribute]] = {}
    for name, attribute in sorted(setting.stored.get(key, {}).items()):
        registers.setdefault(attribute.register, {})[name] = attribute
    return registers


def knob_of(setting: Setting, register: str) -> Register:
    """How late and incomplete a register is; `default` for one the world does not name."""
    registers = setting.world.registers
    return registers.get(register, registers["default"])


def unknown_share(setting: Setting, attribute: Attribute) -> float:
    """The share of cells of an attribute that its register does not know."""
    return setting.world.unknown.get(attribute.name, knob_of(setting, attribute.register).unknown)


def lateness(block: Block, register: str, rows: Ints) -> Floats:
    """Days until a register states a change: one delay a row, so that none overtakes another."""
    draw = uniforms(item_index(block, rows), block.setting.seed, "late", register)
    return np.asarray(knob_of(block.setting, register).delay_days * np.exp(1.4 * (draw - 0.5)))


def unknown_to(block: Block, key: str, attribute: Attribute, rows: Ints) -> Bools:
    """The rows whose value of an attribute its register never knows."""
    draw = uniforms(item_index(block, rows), block.setting.seed, "unknown", key, attribute.name)
    return np.asarray(draw < unknown_share(block.setting, attribute))
