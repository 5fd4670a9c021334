"""A whole population at once: every rule on every row, two bits a verdict.

The same circuit as for one subject runs over bit planes, 64 rows a word and a block of rows at a time,
so that memory stays bounded by the answer. It was chosen over Polars expressions of the same rules by
measurement, see `benchmarks eligibility-population`.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.schema import MaskedTable
from models.eligibility.circuit import Wires
from models.eligibility.plane_tests import Planes
from models.eligibility.planes import POSSIBLE, TRUE, WORD, Slot, encode_table, padded
from models.eligibility.program import Program, program_of
from models.eligibility.rules import RuleSet
from models.eligibility.table_completion import complete_table, void

BLOCK = 1 << 18
"""Rows judged together: enough that a step costs more than calling it."""
SLAB = 1 << 18
"""Rows completed and encoded together: what bounds the memory beside the answer."""


@dataclass(frozen=True, slots=True)
class VerdictTable:
    """The verdicts of some rules (or criteria) on all rows of a table."""

    names: tuple[str, ...]
    rows: int
    planes: Planes

    def of(self, name: str) -> NDArray[np.int8]:
        """The verdict of each row on one rule: 0 false, 1 unknown, 2 true."""
        return self._verdicts(self.planes[self.names.index(name)])

    def matrix(self) -> NDArray[np.int8]:
        """All verdicts, rules by rows: a byte each, so ask for it of few rules or rows at a time."""
        return self._verdicts(self.planes)

    def true(self, name: str) -> NDArray[np.bool_]:
        """The rows on which one rule holds."""
        plane = self.planes[self.names.index(name), TRUE]
        return _bits(plane, self.rows).view(np.bool_)

    def counts(self) -> NDArray[np.int64]:
        """How many rows are false, unknown and true, by rule."""
        spare = np.uint64(0) if self.rows % WORD == 0 else ~np.uint64(0) << np.uint64(self.rows % WORD)
        ones = np.bitwise_count(self.planes).sum(axis=2, dtype=np.int64)
        if self.rows:
            ones -= np.bitwise_count(self.planes[:, :, -1] & spare).astype(np.int64)
        true, possible = ones[:, TRUE], ones[:, POSSIBLE]
        return np.stack([self.rows - possible, possible - true, true], axis=1)

    def _verdicts(self, planes: Planes) -> NDArray[np.int8]:
        bits = _bits(planes, self.rows)
        return (bits[..., TRUE, :] + bits[..., POSSIBLE, :]).view(np.int8)


def _bits(planes: Planes, rows: int) -> NDArray[np.uint8]:
    return np.unpackbits(planes.view(np.uint8), axis=-1, count=rows, bitorder="little")


@dataclass(frozen=True, slots=True)
class PopulationRules:
    """Rules made ready to be run over tables."""

    rules: RuleSet
    names: tuple[str, ...]
    program: Program
    impossible: Program

    @classmethod
    def of_items(cls, rules: RuleSet) -> PopulationRules:
        """The verdict of every rule."""
        return cls._of(rules, tuple(rule.item for rule in rules.rules), rules.items)

    @classmethod
    def of_criteria(cls, rules: RuleSet, item: str) -> PopulationRules:
        """The verdict of every criterion of one item."""
        place = rules.places[item]
        names = tuple(criterion.id for criterion in rules.rules[place].criteria)
        return cls._of(rules, names, rules.criteria[place])

    @classmethod
    def of_atoms(cls, rules: RuleSet) -> PopulationRules:
        """The verdict of every atom, in the order of the circuit."""
        count = len(rules.circuit.atoms)
        return cls._of(rules, tuple(str(atom) for atom in range(count)), np.arange(count, dtype=np.intp))

    @classmethod
    def _of(cls, rules: RuleSet, names: tuple[str, ...], wires: Wires) -> PopulationRules:
        programs = (program_of(rules.circuit, rules.codec, asked) for asked in (wires, rules.impossible))
        return cls(rules, names, *programs)

    def judge(self, table: MaskedTable, workers: int = 1, over: VerdictTable | None = None) -> VerdictTable:
        """The verdicts on a whole table, all held at once: two bits each.

        They are written over an earlier answer of the same size that is needed no longer, if one is given:
        new memory costs as much as a fifth of the judging.
        """
        height = table.frame.height
        # As many slabs as keep every worker busy to the end.
        slabs = workers * max(1, -(-height // (SLAB * workers)))
        share = max(WORD, padded(-(-height // slabs)))
        shape = (len(self.names), 2, padded(height) // WORD)
        fits = over is not None and over.planes.shape == shape
        planes = over.planes if over is not None and fits else np.empty(shape, dtype=np.uint64)

        def run(first: int) -> None:
            self._run(table.frame.slice(first, share), planes[:, :, first // WORD : (first + share) // WORD])

        with ThreadPoolExecutor(max_workers=workers) as pool:
            list(pool.map(run, range(0, height, share)))
        return VerdictTable(self.names, height, planes)

    def judge_in_slabs(self, table: MaskedTable) -> Iterator[tuple[int, VerdictTable]]:
        """The verdicts of some rows after another, each with its first row: for more than memory holds."""
        for first in range(0, table.frame.height, SLAB):
            part = table.frame.slice(first, SLAB)
            planes = np.empty((len(self.names), 2, padded(part.height) // WORD), dtype=np.uint64)
            self._run(part, planes)
            yield first, VerdictTable(self.names, part.height, planes)

    def contradicted(self, table: MaskedTable) -> NDArray[np.bool_]:
        """The rows of which something is told that cannot be so."""
        rules, height = self.rules, table.frame.height
        if not rules.impossibilities or not height:
            return np.zeros(height, dtype=np.bool_)
        slots = encode_table(complete_table(table.frame, rules.completion, rules.on), rules.codec)
        met = np.empty((len(rules.impossibilities), 2, padded(height) // WORD), dtype=np.uint64)
        _run_blocks(self.impossible, slots, met)
        met_by: NDArray[np.bool_] = np.any(_bits(met[:, TRUE], height), axis=0)
        return met_by

    def _run(self, frame: pl.DataFrame, out: Planes) -> None:
        _run_blocks(self.program, self._believed(frame), out)

    def _believed(self, frame: pl.DataFrame) -> list[Slot]:
        """The encoded columns of some rows, less what cannot be so; as `subject.judge` does for one."""
        rules = self.rules
        for _ in range(len(rules.impossibilities) + 1):
            slots = encode_table(complete_table(frame, rules.completion, rules.on), rules.codec)
            met = np.empty((len(rules.impossibilities), 2, padded(frame.height) // WORD), dtype=np.uint64)
            _run_blocks(self.impossible, slots, met)
            if not met[:, TRUE].any():
                break
            frame = void(frame, rules.impossibilities, _bits(met[:, TRUE], frame.height))
        return slots


def _run_blocks(program: Program, slots: list[Slot], out: Planes) -> None:
    rows = out.shape[2] * WORD
    workspace = program.workspace(min(BLOCK, rows) // WORD)
    for first in range(0, rows, BLOCK):
        part = [slot.rows(first, min(BLOCK, rows - first)) for slot in slots]
        program.run(part, out[:, :, first // WORD : (first + BLOCK) // WORD], workspace)
