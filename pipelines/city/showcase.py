"""Curated subjects for the demonstration: fixed as of the last day, spared by events, kept from finishing.

They look and search like anybody, but no hidden event strikes them and they start nothing, so that
what they are to show is still to be done at the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from catalog.vocabulary import Names, SubjectKind
from pipelines.city.block import Block, Setting
from pipelines.city.draw_spec import Draw
from pipelines.city.draws import Drawing
from pipelines.city.identities import subject_ids
from pipelines.city.population import STRUCTURE, add_items
from pipelines.city.randomness import Ints
from pipelines.city.scope_state import NO_DAY, Column, ScopeState, day_number
from pipelines.city.world import Showcase

SINCE = "_since"
"""In a scope item's attributes: the day it came to be, counted from the last day."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A curated subject, by its id in the city."""

    id: str
    kind: SubjectKind
    case: str
    title: Names


def showcases(setting: Setting, kind: SubjectKind) -> tuple[Showcase, ...]:
    """The curated subjects of a kind, as many as the world has room for."""
    total = setting.world.citizens if kind is SubjectKind.CITIZEN else setting.world.enterprises
    return tuple(case for case in setting.world.showcase if case.kind == kind)[:total]


def shown(setting: Setting, kind: SubjectKind, first_index: int) -> tuple[Shown, ...]:
    """The curated subjects of a kind with their ids, from the index of the first."""
    cases = showcases(setting, kind)
    ids = subject_ids(setting.seed, kind, first_index + np.arange(len(cases)))
    return tuple(Shown(str(id), kind, case.id, case.title) for id, case in zip(ids, cases, strict=True))


def join_showcase(block: Block) -> None:
    """Add a kind's curated subjects to a block, after its others."""
    cases, first = showcases(block.setting, block.kind), block.subjects.rows
    _make_room(block, len(cases))
    last = np.full(1, day_number(block.setting.as_of))
    for row, case in enumerate(cases, start=first):
        settled = _drawn(block, block.subjects, _defaults(block.subjects) | case.set, last)
        add_items(block, "self", np.array([row]), settled, case.set, counted_from=last)
    for row, case in enumerate(cases, start=first):
        for scope, items in case.scopes.items():
            for n, fixed in enumerate(items):
                _add(block, scope, row, fixed, _label(case, scope, n))


def _make_room(block: Block, more: int) -> None:
    """Nobody's spouse, each a household, alive, curated."""
    homes = block.household.max(initial=-1) + 1 + np.arange(more)
    block.spouse = np.concatenate([block.spouse, np.full(more, -1, dtype=np.int64)])
    block.household = np.concatenate([block.household, homes])
    block.died = np.concatenate([block.died, np.full(more, int(NO_DAY), dtype=np.int64)])
    block.curated = np.concatenate([block.curated, np.ones(more, dtype=np.bool_)])


def _label(case: Showcase, scope: str, number: int) -> str | None:
    labels = case.labels.get(scope, ())
    return labels[number] if number < len(labels) else None


def _add(block: Block, scope: str, row: int, fixed: Mapping[str, Draw], label: str | None) -> None:
    state = block.states[scope]
    last = np.full(1, day_number(block.setting.as_of))
    rest = {name: draw for name, draw in fixed.items() if name != SINCE}
    settled = _drawn(block, state, rest, last)
    rows = add_items(block, scope, np.array([row]), settled, rest, counted_from=last)
    since = fixed.get(SINCE)
    if since is not None and since.value is not None:
        state.born[rows] = last + int(float(since.value))
    if label is not None:
        state.labels[int(rows[0])] = label


def _drawn(block: Block, state: ScopeState, draws: Mapping[str, Draw], last: Ints) -> dict[str, Column]:
    """The structural columns among some draws."""
    structure = STRUCTURE.get(state.key, {})
    drawing = Drawing(pl.DataFrame({"_row": [0]}), block.rng("showcase", state.rows), last)
    return {name: drawing.draw(draw, state.types[name]) for name, draw in draws.items() if name in structure}


def _defaults(state: ScopeState) -> dict[str, Draw]:
    """Lives alone, 40 years old, unless the case says otherwise."""
    plain: dict[str, Draw] = {
        "_born": Draw(years=-40.2), "_male": Draw(value=False), "_partnered": Draw(value=False),
        "_collective": Draw(value=False), "_household_size": Draw(value=1.0), "_children": Draw(value=0.0),
        "_youngest_born": Draw(absent=True),
    }  # fmt: skip
    return {name: draw for name, draw in plain.items() if name in STRUCTURE.get(state.key, {})}
