"""Who is in an audience: of whom its rule holds, as far as the purpose may know them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import msgspec
import numpy as np
import polars as pl

from catalog.audience import parse_audience
from catalog.catalogue import Catalogue, Item
from catalog.criterion import Criterion
from catalog.public_service import PublicService
from catalog.vocabulary import Scope, Status, SubjectKind
from features.schema import UseName
from features.snapshot import snapshot
from features.statements import AttributeHistory, end_of
from models.eligibility.population import PopulationRules
from models.eligibility.rule_book import RuleBook
from models.recommendation import Verdict
from privacy.mask import mask_table

RULE: Final = "audience-{}"
OFFER: Final = "offer"


@dataclass(frozen=True, slots=True)
class People:
    """Some subjects of one kind: their own scope items (id, scope, owner) and their consents."""

    kind: SubjectKind
    scope_items: pl.DataFrame
    consents: pl.DataFrame


@dataclass(frozen=True)
class Audiences:
    """Some rules for subjects of one kind, ready to be run over many; unknown is not in."""

    catalogue: Catalogue
    history: AttributeHistory
    kind: SubjectKind
    rules: tuple[str, ...]
    on: dt.date
    item: str | None = None
    """Whoever is known not to qualify for it is in no audience."""

    @cached_property
    def _compiled(self) -> PopulationRules:
        base = next(item for item in self.catalogue.items.values() if item.subject is self.kind)
        items: dict[str, Item] = {}
        for place, rule in enumerate(self.rules):
            name = RULE.format(place)
            items[name] = _meant_for(base, name, _criteria(rule, self.kind, self.catalogue))
        offered = self.catalogue.items.get(self.item or "")
        if offered is not None and offered.scope is Scope.SELF:
            items[OFFER] = _meant_for(base, OFFER, offered.criteria)
        services = {name: item for name, item in items.items() if isinstance(item, PublicService)}
        policies = {name: item for name, item in items.items() if not isinstance(item, PublicService)}
        alone = msgspec.structs.replace(
            self.catalogue, public_services=services, support_policies=policies, events={}
        )
        return PopulationRules.of_items(RuleBook(alone).rules(self.kind, Scope.SELF, self.on))

    def members(self, people: People, use: UseName) -> pl.DataFrame:
        """`subject`, and for each rule in order a Boolean column `0`, `1` ...: who is in, as a use knows it.

        Subjects of whom the use may know nothing at all have no row.
        """
        told = snapshot(self.history, self.kind, Scope.SELF, self.on, people.scope_items)
        table = mask_table(told, use, people.consents, self.catalogue, end_of(self.on))
        rules = self._compiled
        verdicts = rules.judge(table)
        fits = np.ones(table.frame.height, dtype=np.bool_)
        if OFFER in rules.names:
            fits = verdicts.of(OFFER) != Verdict.FALSE
        columns = {
            str(place): pl.Series(verdicts.true(RULE.format(place)) & fits)
            for place in range(len(self.rules))
        }
        return table.frame.select("subject").with_columns(**columns)


def _criteria(rule: str, kind: SubjectKind, catalogue: Catalogue) -> tuple[Criterion, ...]:
    predicate = parse_audience(rule, kind, catalogue)
    return (Criterion(id="in", expression=rule, predicate=predicate, legal_source=""),)


def _meant_for(base: Item, name: str, criteria: tuple[Criterion, ...]) -> Item:
    """An item of that name with these conditions alone, to be judged like any other."""
    bare = {"scope": Scope.SELF, "duty": None, "evidence": (), "status": Status.CONFIRMED}
    return msgspec.structs.replace(base, id=name, criteria=criteria, **bare)
