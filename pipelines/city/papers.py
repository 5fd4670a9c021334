"""Who holds which papers, and how many of those an item asks for are still missing."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from catalog.evidence import EvidenceType
from pipelines.city.block import Block
from pipelines.city.draws import holds
from pipelines.city.journal import Pages
from pipelines.city.randomness import Bools, Ints
from pipelines.city.scope_state import NO_DAY
from pipelines.city.wants import ScopeWants

FOREVER = np.int32(2**31 - 1)


@dataclass(slots=True)
class Papers:
    """The papers of one block: until when each scope item's paper of each type is good."""

    types: tuple[str, ...]
    askable: frozenset[str]
    """Types a subject must bring: neither blank forms nor what government can fetch."""
    good_until: dict[tuple[str, str], Ints] = field(default_factory=dict)
    pages: Pages = field(default_factory=Pages)

    @classmethod
    def of(cls, block: Block) -> Papers:
        """The papers held on the first day, by the world's knobs."""
        known = block.setting.catalogue.evidence_types
        papers = cls(
            tuple(sorted(known)), frozenset(name for name, type_ in known.items() if _askable(type_))
        )
        for name, knob in block.setting.world.papers.items():
            if knob.kind == block.kind:
                frame = block.frame(knob.scope, block.setting.first_day)
                rng = block.rng("papers", name)
                rows = np.flatnonzero(holds(frame, knob.when) & (rng.random(frame.height) < knob.share))
                day = np.full(len(rows), _first_day(block)) - rng.integers(30, 1500, len(rows))
                until = np.full(len(rows), int(FOREVER), dtype=np.int64)
                if knob.valid_to is not None:
                    ends = block.states[knob.scope].columns[knob.valid_to][rows].astype(np.int64)
                    until = np.where(ends == NO_DAY, int(FOREVER), ends)
                elif knob.years is not None:
                    until = day + rng.integers(1, round(knob.years * 365) + 1, len(rows)) + 200
                papers.give(block, knob.scope, name, rows, day, until, uploaded=rng.random(len(rows)) < 0.15)
        return papers

    def give(
        self,
        block: Block,
        scope: str,
        name: str,
        rows: Ints,
        day: Ints,
        until: Ints,
        uploaded: Bools | None = None,
    ) -> None:
        """Hand a paper to some scope items on some days."""
        good = self._column(block, scope, name)
        good[rows] = np.maximum(good[rows], until)
        self.pages.write(
            {
                "scope": list(block.states).index(scope),
                "row": rows,
                "type": self.types.index(name),
                "from": day,
                "to": until,
                "upload": np.zeros(len(rows), dtype=np.int64)
                if uploaded is None
                else uploaded.astype(np.int64),
            }
        )

    def missing(
        self, block: Block, scope: str, wants: ScopeWants, pairs: tuple[Ints, Ints], day: int
    ) -> Ints:
        """For each (row, item) pair: how many papers the subject would still have to bring."""
        rows, columns = pairs
        count = np.zeros(len(rows), dtype=np.int64)
        for n in np.unique(columns):
            mine = columns == n
            here = rows[mine]
            for name in wants.items[n].evidence:
                if name in self.askable:
                    held = self._held(block, scope, name, here, day)
                    if scope != "self":
                        held |= self._held(block, "self", name, block.states[scope].owner[here], day)
                    count[mine] += ~held
        return count

    def _held(self, block: Block, scope: str, name: str, rows: Ints, day: int) -> Bools:
        good = self.good_until.get((scope, name))
        if good is None:
            return np.zeros(len(rows), dtype=np.bool_)
        return np.asarray(self._column(block, scope, name)[rows] >= day)

    def _column(self, block: Block, scope: str, name: str) -> Ints:
        rows = block.states[scope].rows
        good = self.good_until.get((scope, name))
        if good is None or len(good) < rows:
            grown = np.zeros(rows, dtype=np.int64)
            if good is not None:
                grown[: len(good)] = good
            good = self.good_until[scope, name] = grown
        return good


def _askable(type_: EvidenceType) -> bool:
    return type_.kind != "form" and not type_.fetchable


def _first_day(block: Block) -> int:
    return (block.setting.first_day.toordinal()) - 719163
