"""The city on its first day: subjects and what is theirs, drawn in the order the world file lists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from catalog.vocabulary import SCOPES_OF, SubjectKind, ValueType
from pipelines.city.block import Block, Setting, beside_owner, complete
from pipelines.city.draw_spec import Draw
from pipelines.city.draws import Drawing, holds
from pipelines.city.households import ADULT, CHILD, Persons, make_persons
from pipelines.city.labels import name_items
from pipelines.city.randomness import Ints
from pipelines.city.scope_state import NO_DAY, Column, ColumnType, ScopeState, day_number
from pipelines.city.world import Initial

YEAR = 365.2425
STRUCTURE = {
    "citizen.self": {
        "_born": ValueType.DATE,
        "_male": ValueType.BOOLEAN,
        "_partnered": ValueType.BOOLEAN,
        "_collective": ValueType.BOOLEAN,
        "_household_size": ValueType.NUMBER,
        "_children": ValueType.NUMBER,
        "_youngest_born": ValueType.DATE,
    },
    "citizen.child": {"_born": ValueType.DATE, "_male": ValueType.BOOLEAN},
    "citizen.household": {"_household_size": ValueType.NUMBER},
}
"""What the households themselves settle, for the world file's expressions to read."""


@dataclass(frozen=True, slots=True)
class Family:
    """The people of a block, as rows of its self and child states."""

    persons: Persons
    adult_rows: Ints
    child_rows: Ints
    mother: Ints
    """By child: row among the adults of the owning parent."""
    other_parent: Ints
    """By child: row of the other parent, or -1."""
    spouse: Ints


def populate(setting: Setting, kind: SubjectKind, number: int, first_index: int, count: int) -> Block:
    """A block of `count` subjects as they are on the first day."""
    block = empty_block(setting, kind, number, first_index, count)
    if kind is SubjectKind.CITIZEN:
        family = _family(make_persons(setting.world.households, count, block.rng("households")))
        block.spouse = family.spouse
        block.household = family.persons.household[family.adult_rows]
        add_items(block, "self", np.arange(count), _settled(setting, family, family.adult_rows), {})
        _add_families(block, family)
    else:
        add_items(block, "self", np.arange(count), {}, {})
    for initial in setting.world.initial.get(kind, ()):
        _add_initial(block, initial)
    return block


def empty_block(setting: Setting, kind: SubjectKind, number: int, first_index: int, count: int) -> Block:
    """A block that nobody lives in yet."""
    nothing = np.zeros(0, dtype=np.int64)
    states = {}
    for scope in SCOPES_OF[kind]:
        key = f"{kind}.{scope}"
        types = {**structure_types(key), **setting.types[key]}
        columns = {name: type_.empty(0) for name, type_ in types.items()}
        states[str(scope)] = ScopeState(key, types, nothing, nothing, columns)
    alone = np.full(count, -1, dtype=np.int64)
    died = np.full(count, int(NO_DAY), dtype=np.int64)
    return Block(
        setting,
        kind,
        number,
        first_index,
        states,
        spouse=alone,
        household=np.arange(count),
        died=died,
        curated=np.zeros(count, dtype=np.bool_),
    )


def structure_types(key: str) -> dict[str, ColumnType]:
    """The structural columns of a scope."""
    return {name: ColumnType(name, type_) for name, type_ in STRUCTURE.get(key, {}).items()}


def add_items(
    block: Block,
    scope: str,
    owner: Ints,
    settled: Mapping[str, Column],
    fixed: Mapping[str, Draw],
    day: Ints | None = None,
    counted_from: Ints | None = None,
) -> Ints:
    """Add items of one scope: settled columns, then every attribute of the world file in its order.

    `day` is when each came to be (the first day without), `counted_from` what draws count from.
    """
    setting, state = block.setting, block.states[scope]
    owner = np.asarray(owner, dtype=np.int64)
    if not len(owner):
        return owner
    born = np.full(len(owner), day_number(setting.first_day)) if day is None else day
    zero = born if counted_from is None else counted_from
    on = _date(int(zero.max()))
    owned = None if scope == "self" else block.frame("self", on, owner)
    columns = draw_columns(block, state, settled, fixed, owned, zero, on)
    rows = state.append(columns, owner, born, name_items(block, scope, owner, columns))
    if day is not None:
        tell_registers(block, scope, rows, day)
    return rows


def tell_registers(block: Block, scope: str, rows: Ints, day: Ints) -> None:
    """Let every register of a scope state the items anew."""
    state = block.states[scope]
    for attribute in block.setting.stored.get(state.key, {}).values():
        state.touch(attribute.register, rows, day)


def draw_columns(
    block: Block,
    state: ScopeState,
    settled: Mapping[str, Column],
    fixed: Mapping[str, Draw],
    owned: pl.DataFrame | None,
    born: Ints,
    on: dt.date,
) -> dict[str, Column]:
    """One column an attribute, each drawn with all earlier ones in sight."""
    setting, rng = block.setting, block.rng("attributes", state.key, state.rows)
    columns = dict(settled)
    rows = len(born)
    frame = pl.DataFrame([state.types[name].series(column) for name, column in columns.items()])
    if frame.width == 0:
        frame = pl.DataFrame({"_row": np.arange(rows)})
    if owned is not None:
        frame = beside_owner(frame, owned)
    for name, spec in setting.world.attributes.get(state.key, {}).items():
        chosen = fixed.get(name, spec)
        columns[name] = Drawing(frame, rng, born).draw(chosen, state.types[name])
        frame = frame.with_columns(state.types[name].series(columns[name]))
        if name in setting.anchors.get(state.key, ()):
            frame = complete(setting, state.key, frame, on)
    return columns


def _add_initial(block: Block, initial: Initial) -> None:
    frame = block.frame("self", block.setting.first_day)
    wanted = holds(frame, initial.when)
    rng = block.rng("initial", initial.scope, initial.when)
    if initial.count_from is not None:
        number = frame[initial.count_from].fill_null(0).to_numpy().astype(np.int64)
    elif initial.count:
        weights = np.array(list(initial.count.values()))
        number = rng.choice([int(n) for n in initial.count], size=len(wanted), p=weights / weights.sum())
    else:
        number = np.ones(len(wanted), dtype=np.int64)
    owner = np.repeat(np.arange(len(wanted)), np.where(wanted, np.minimum(number, initial.limit), 0))
    add_items(block, initial.scope, owner, {}, initial.set)


def _family(persons: Persons) -> Family:
    """Rows of adults and children, who is married to whom, who cares for which child."""
    adult = persons.age >= ADULT
    adult_rows, child_rows = np.flatnonzero(adult), np.flatnonzero(~adult)
    place = np.cumsum(adult) - 1
    head = place[np.searchsorted(persons.household, persons.household, side="left")]
    spouse = np.full(len(adult_rows), -1, dtype=np.int64)
    for row in np.flatnonzero(persons.role == 1):
        spouse[place[row]], spouse[head[row]] = head[row], place[row]
    first = head[child_rows]
    second = spouse[first]
    male_head = persons.male[adult_rows][first]
    swap = male_head & (second >= 0)
    mother, other = np.where(swap, second, first), np.where(swap, first, second)
    return Family(persons, adult_rows, child_rows, mother, other, spouse)


def _settled(setting: Setting, family: Family, rows: Ints) -> dict[str, Column]:
    persons = family.persons
    adults = len(family.adult_rows)
    born = _born(setting, persons)
    children = np.zeros(adults)
    youngest = np.full(adults, NO_DAY, dtype=np.int32)
    for parents in (family.mother, family.other_parent):
        known = parents >= 0
        np.add.at(children, parents[known], 1)
        np.maximum.at(youngest, parents[known], born[family.child_rows][known])
    size = np.bincount(persons.household)[persons.household[rows]].astype(np.float64)
    return {
        "_born": born[rows],
        "_male": persons.male[rows].astype(np.int8),
        "_partnered": (family.spouse >= 0).astype(np.int8),
        "_collective": persons.collective[rows].astype(np.int8),
        "_household_size": size,
        "_children": children,
        "_youngest_born": youngest,
    }


def _born(setting: Setting, persons: Persons) -> Column:
    return (day_number(setting.first_day) - np.round(persons.age * YEAR)).astype(np.int32)


def _add_families(block: Block, family: Family) -> None:
    persons, setting = family.persons, block.setting
    settled = {
        "_born": _born(setting, persons)[family.child_rows],
        "_male": persons.male[family.child_rows].astype(np.int8),
    }
    add_items(block, "child", family.mother, settled, {})
    block.guardian = {child: int(parent) for child, parent in enumerate(family.other_parent) if parent >= 0}
    heads = np.flatnonzero(persons.role[family.adult_rows] == 0)
    heads = heads[~persons.collective[family.adult_rows][heads]]
    sizes = block.subjects.columns["_household_size"][heads]
    add_items(block, "household", heads, {"_household_size": sizes}, {})


def _date(day: int) -> dt.date:
    return dt.date(1970, 1, 1) + dt.timedelta(days=day)


__all__ = ["CHILD", "add_items", "draw_columns", "empty_block", "populate", "structure_types"]
