"""A judged table looked at more closely: what its unknowns hang on, and single rows judged as online."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from catalog.predicate import attributes_of, presence
from features.packing import attributes_of_row
from features.schema import ABSENT, MaskedTable, Value
from models.eligibility.circuit import Atom, atoms_of
from models.eligibility.inference import Derivation
from models.eligibility.population import PopulationRules
from models.eligibility.rule_book import SubjectJudgement
from models.eligibility.rules import RuleSet
from models.eligibility.subject import judge
from models.eligibility.table_completion import complete_table
from models.eligibility.turning import Turning

Rows = NDArray[np.intp]


@dataclass(frozen=True)
class JudgedTable:
    """One kind of scope item of many subjects, judged on the day of the rules."""

    table: MaskedTable
    rules: RuleSet
    _known_of: dict[str, NDArray[np.bool_]] = field(default_factory=dict, repr=False)

    @cached_property
    def _population(self) -> PopulationRules:
        return PopulationRules.of_items(self.rules)

    @cached_property
    def verdicts(self) -> Mapping[str, NDArray[np.int8]]:
        """By item or event, the verdict of each row."""
        found = self._population.judge(self.table)
        return dict(zip(found.names, found.matrix(), strict=True)) if found.names else {}

    @cached_property
    def atoms(self) -> Mapping[Atom, NDArray[np.int8]]:
        """By atom, the verdict of each row."""
        found = PopulationRules.of_atoms(self.rules).judge(self.table)
        return dict(zip(self.rules.circuit.atoms, found.matrix(), strict=True)) if found.names else {}

    @cached_property
    def contradicted(self) -> Rows:
        """The rows of which something was told that cannot be so: these are to be judged one by one."""
        return np.flatnonzero(self._population.contradicted(self.table))

    def turning(self, until: dt.date) -> Turning:
        """Which refusals may turn by a day."""
        return Turning(self.rules, self.table.frame, self.atoms, until)

    def values(self, attribute: str) -> list[Value | None]:
        """What is told of each row or follows from it; None is unknown. Contradictions are not minded."""
        completion = self.rules.register.completion.only([attribute])
        frame = complete_table(self.table.frame, completion, self.rules.on)
        if attribute not in frame.columns:
            return [None] * frame.height
        told = presence(attribute)
        flags = frame[told].to_list() if told in frame.columns else [None] * frame.height
        return [
            ABSENT if value is None and flag is False else value
            for value, flag in zip(frame[attribute].to_list(), flags, strict=True)
        ]

    def judgement(self, row: int) -> SubjectJudgement:
        """One row judged by itself, as a page does."""
        cells = self.table.frame.row(row, named=True)
        told = attributes_of_row(cells, [name for name in cells if name in self.rules.register.attributes])
        judged = judge(self.rules, told)
        return SubjectJudgement(
            self.rules.on, {cells["scope_item"]: self.rules}, {cells["scope_item"]: judged}
        )

    def alike(self, item: str, rows: Rows) -> tuple[Rows, Rows]:
        """The rows parted by what an item's being unknown hangs on: one row of each part, each row's part."""
        columns = [self.atoms[atom][rows].view(np.uint8) for atom in self._atoms(item)]
        columns += [self._known(name)[rows].view(np.uint8) for name in self._waited_for(item)]
        if not columns:
            return rows[:1], np.zeros(len(rows), dtype=np.intp)
        states = np.ascontiguousarray(np.stack(columns, axis=1))
        whole = states.view(np.dtype((np.void, states.shape[1]))).ravel()
        _, first, part = np.unique(whole, return_index=True, return_inverse=True)
        return rows[first], part

    def _atoms(self, item: str) -> tuple[Atom, ...]:
        predicates = self.rules.predicates[self.rules.places[item]]
        return tuple(dict.fromkeys(atom for predicate in predicates for atom in atoms_of(predicate)))

    def _waited_for(self, item: str) -> tuple[str, ...]:
        """What decides which attributes an item waits for: what it reads, and what that is derived from."""
        found: dict[str, None] = {}
        waiting = [name for atom in self._atoms(item) for name in attributes_of(atom)]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found[name] = None
                for step in self.rules.completion.by_attribute.get(name, ()):
                    waiting += step.sources if isinstance(step, Derivation) else ()
        # A figure nobody has told is unknown of everybody alike.
        return tuple(sorted(name for name in found if name in self.rules.completion.types))

    def _known(self, name: str) -> NDArray[np.bool_]:
        """Whether anything of an attribute is known of each row, be it that there is none (kept)."""
        if name not in self._known_of:
            frame = self._completed
            known = np.zeros(frame.height, dtype=np.bool_)
            if name in frame.columns:
                known |= frame[name].is_not_null().to_numpy()
            if presence(name) in frame.columns:
                known |= frame[presence(name)].eq_missing(other=False).to_numpy()
            self._known_of[name] = known
        return self._known_of[name]

    @cached_property
    def _completed(self) -> pl.DataFrame:
        return complete_table(self.table.frame, self.rules.completion, self.rules.on)
