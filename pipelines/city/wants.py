"""What each scope item wants of each item, and how far it has come: one matrix a fact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from catalog.catalogue import Catalogue, Item
from catalog.vocabulary import SCOPES_OF, Scope, SubjectKind
from pipelines.city.block import Block
from pipelines.city.randomness import Ints

NEVER = np.int32(-(2**31))
_START: dict[str, Any] = {"need": np.float32(0), "pending": np.int8(0), "done": NEVER, "busy": np.int32(0)}


@dataclass(slots=True)
class ScopeWants:
    """Rows x items of one scope."""

    items: tuple[Item, ...]
    column: dict[str, int]
    need: npt.NDArray[np.float32]
    """Uses a month that events call for; halves as time goes by."""
    pending: npt.NDArray[np.int8]
    """1 while the subject means to do it online, 2 while in person; 0 otherwise."""
    done: npt.NDArray[np.int32]
    """Day of the last success."""
    busy: npt.NDArray[np.int32]
    """Day until which a case is open; 0 for none."""

    @classmethod
    def empty(cls, items: tuple[Item, ...]) -> ScopeWants:
        """No rows yet."""
        shape = (0, len(items))
        start = {name: np.full(shape, value) for name, value in _START.items()}
        return cls(items, {item.id: n for n, item in enumerate(items)}, **start)

    def grow(self, rows: int) -> None:
        """Make room for items that came to be."""
        missing = rows - len(self.need)
        if missing > 0:
            for name, value in _START.items():
                more = np.full((missing, len(self.items)), value)
                setattr(self, name, np.concatenate([getattr(self, name), more]))


@dataclass(slots=True)
class Wants:
    """The wants of one block, by scope."""

    by_scope: dict[str, ScopeWants] = field(default_factory=dict)

    @classmethod
    def of(cls, catalogue: Catalogue, kind: SubjectKind) -> Wants:
        """Wants over the catalogue's confirmed items, by scope."""
        return cls(
            {
                str(scope): ScopeWants.empty(catalogue.items_for(kind, Scope(scope)))
                for scope in SCOPES_OF[kind]
            }
        )

    def grow(self, block: Block) -> None:
        """Make room for every scope item of the block."""
        for scope, wants in self.by_scope.items():
            wants.grow(block.states[scope].rows)

    def need(
        self, block: Block, scope: str, rows: Ints, spawned: Mapping[str, Ints], needs: Mapping[str, float]
    ) -> None:
        """Add what an event calls for, on its own rows, the new ones, the owner's or all of the owner's."""
        for item, strength in needs.items():
            for other, wants in self.by_scope.items():
                if item in wants.column:
                    places = self._rows(block, scope, rows, spawned, other)
                    wants.need[places, wants.column[item]] += strength

    def _rows(self, block: Block, scope: str, rows: Ints, spawned: Mapping[str, Ints], other: str) -> Ints:
        if other in spawned:
            return spawned[other]
        if other == scope:
            return rows
        owner = block.states[scope].owner[rows]
        if other == "self":
            return owner
        state = block.states[other]
        mine = np.zeros(block.subjects.rows, dtype=np.bool_)
        mine[owner] = True
        return np.flatnonzero(mine[state.owner] & state.alive)

    def fade(self, half_life: float) -> None:
        """A month passes."""
        for wants in self.by_scope.values():
            wants.need *= np.float32(0.5 ** (1.0 / half_life))
