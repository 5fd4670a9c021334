"""What the city run may know of some subjects of one kind: everything through the mask for `remind`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import polars as pl

from catalog.catalogue import Catalogue
from catalog.vocabulary import SCOPES_OF, Scope, SubjectKind
from features.schema import Case, Evidence, MaskedRecordTables, PurposeName, ScopeItem
from features.snapshot import snapshot
from features.statements import AttributeHistory, end_of
from models.affinity.linear import LinearAffinity
from models.eligibility.rule_book import RuleBook
from models.eligibility.table_view import JudgedTable
from models.feedback.wishes import NONE, Wishes
from models.standing.working_days import WorkingCalendar
from privacy.mask import mask_records, mask_table
from records.partitions import Slice

PURPOSE: Final[PurposeName] = "remind"
"""What is told unasked rests on no more than the subject lets reminders know; a page may rest on more."""
_CASE: Final = ("id", "scope_item", "item", "cycle", "status", "channel", "opened_at", "closed_at")
_EVIDENCE: Final = ("id", "scope_item", "type", "valid_from", "valid_to", "source")


@dataclass(frozen=True, slots=True)
class Rules:
    """What subjects are judged by: one for a whole run, so that rules are compiled once."""

    catalogue: Catalogue
    history: AttributeHistory
    book: RuleBook
    calendar: WorkingCalendar
    on: dt.date
    affinity: Mapping[SubjectKind, LinearAffinity] = field(default_factory=dict)
    """What the order is learned from, where there is anything; standings never are."""


@dataclass(frozen=True)
class Ground:
    """Some subjects of one kind."""

    kind: SubjectKind
    rules: Rules
    held: Slice
    wishes: Mapping[str, Wishes]
    """Of those who asked to be spared anything."""
    at: dt.datetime | None = None
    """The instant consents count at; the end of the day where none is given."""

    @property
    def consents_at(self) -> dt.datetime:
        """A consent taken back by then opens nothing, whatever day is judged."""
        return end_of(self.rules.on) if self.at is None else self.at.astimezone(dt.UTC)

    @cached_property
    def records(self) -> MaskedRecordTables:
        """The records that may be known; a case that was closed after the day is still open."""
        end = end_of(self.rules.on)
        cases = self.held.records.cases.filter(pl.col("opened_at") <= end)
        later = (pl.col("closed_at") > end).fill_null(value=False)
        then = cases.with_columns(
            status=pl.when(later).then(pl.lit("open")).otherwise(pl.col("status")),
            closed_at=pl.when(~later).then(pl.col("closed_at")),
        )
        tables = type(self.held.records)(
            self.kind,
            self.held.records.scope_items,
            self.held.records.evidence,
            then,
            self.held.records.interactions,
            self.held.records.relations,
        )
        return mask_records(tables, PURPOSE, self.held.consents, self.rules.catalogue, self.consents_at)

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The kinds of scope item that any of them has."""
        there = set(self.records.scope_items["scope"].unique())
        return tuple(scope for scope in SCOPES_OF[self.kind] if scope in there)

    def judged(self, scope: Scope) -> JudgedTable:
        """All scope items of a kind as they are known and judged on the day."""
        rules = self.rules
        known = snapshot(rules.history, self.kind, scope, rules.on, self.held.records.scope_items)
        table = mask_table(known, PURPOSE, self.held.consents, rules.catalogue, self.consents_at)
        return JudgedTable(table, rules.book.rules(self.kind, scope, rules.on))

    @cached_property
    def scope_items(self) -> Mapping[str, ScopeItem]:
        """The scope items that may be known of, with their papers and cases."""
        cases: dict[str, list[Case]] = {}
        for row in self.records.cases.select(_CASE).iter_rows():
            cases.setdefault(row[1], []).append(Case(*row))
        papers: dict[str, list[Evidence]] = {}
        for held in self.records.evidence.select(_EVIDENCE).iter_rows():
            papers.setdefault(held[1], []).append(Evidence(*held))
        return {
            id_: ScopeItem(
                id_,
                Scope(scope),
                owner,
                label,
                evidence=tuple(papers.get(id_, ())),
                cases=tuple(cases.get(id_, ())),
            )
            for id_, scope, owner, label in self.records.scope_items.select(
                "id", "scope", "owner", "label"
            ).iter_rows()
        }

    def wishes_of(self, subject: str) -> Wishes:
        """What a subject asked to be spared."""
        return self.wishes.get(subject, NONE)
