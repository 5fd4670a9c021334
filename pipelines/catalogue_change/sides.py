"""One catalogue's verdicts on a population, as the authority that applies it would judge."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from catalog.catalogue import Catalogue
from catalog.vocabulary import Scope, SubjectKind
from features.schema import MaskedTable, PurposeName
from features.snapshot import snapshot
from features.statements import AttributeHistory, end_of
from models.eligibility.population import PopulationRules
from models.eligibility.rule_book import RuleBook
from models.recommendation import Verdict
from models.standing.standing import in_force
from privacy.mask import mask_table

PURPOSE: Final[PurposeName] = "assess"
"""What is asked is how the judgements an authority makes by duty would turn out; only counts leave."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some subjects of one kind with all their scope items and consents."""

    kind: SubjectKind
    scope_items: pl.DataFrame
    """id, scope, owner."""
    consents: pl.DataFrame


@dataclass(frozen=True)
class Side:
    """The catalogue before, or after, a change."""

    catalogue: Catalogue
    attributes: Path
    """Where the registers' statements lie."""
    on: dt.date
    _book: list[RuleBook] = field(default_factory=list)
    _rules: dict[tuple[SubjectKind, Scope], PopulationRules] = field(default_factory=dict)

    def table(self, page: Page, scope: Scope) -> MaskedTable:
        """What may be known of the page's scope items on the day."""
        history = AttributeHistory(self.attributes, self.catalogue)
        known = snapshot(history, page.kind, scope, self.on, page.scope_items)
        return mask_table(known, PURPOSE, page.consents, self.catalogue, end_of(self.on))

    def verdicts(self, table: MaskedTable) -> Judged:
        """The verdict of everything offered on every row."""
        rules = self._compiled(table.kind, table.scope)
        offered = [name for name in rules.names if self.offers(name)]
        judged = rules.judge(table)
        matrix = judged.matrix() if rules.names else np.empty((0, table.frame.height), dtype=np.int8)
        rows = [rules.names.index(name) for name in offered]
        return Judged(tuple(offered), table.frame["scope_item"], matrix[rows])

    def offers(self, name: str) -> bool:
        """Whether an item or event is confirmed and in force on the day."""
        item = self.catalogue.items.get(name)
        return name in self.catalogue.events if item is None else in_force(item, self.on)

    def _compiled(self, kind: SubjectKind, scope: Scope) -> PopulationRules:
        if (kind, scope) not in self._rules:
            if not self._book:
                self._book.append(RuleBook(self.catalogue))
            rules = self._book[0].rules(kind, scope, self.on)
            self._rules[kind, scope] = PopulationRules.of_items(rules)
        return self._rules[kind, scope]


@dataclass(frozen=True, slots=True)
class Judged:
    """Verdicts by item (or event) and scope item: 0 false, 1 unknown, 2 true."""

    names: tuple[str, ...]
    scope_items: pl.Series
    matrix: NDArray[np.int8]

    def of(self, name: str, scope_items: pl.Series) -> NDArray[np.int8]:
        """An item's verdict on each: false where it is not offered, unknown of whom nothing may be known."""
        if name not in self.names:
            return np.full(len(scope_items), Verdict.FALSE, dtype=np.int8)
        verdicts: NDArray[np.int8] = self.matrix[self.names.index(name)]
        if self.scope_items.equals(scope_items):
            return verdicts
        known = pl.DataFrame({"scope_item": self.scope_items, "verdict": verdicts})
        asked = scope_items.alias("scope_item").to_frame()
        joined = asked.join(known, on="scope_item", how="left", maintain_order="left")
        return np.asarray(joined["verdict"].fill_null(int(Verdict.UNKNOWN)), dtype=np.int8)
