"""Profiles as they stood at the end of an earlier day, of many subjects: to learn from and to judge by.

What is not kept by day is left out of what came later: a case closed since is open still, a paper issued
since is not held, and a register's later word is not heard. That a child or a vehicle was there by a day is
itself only known from what was on record of it, so who may not see that may not know of the child either.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from catalog.vocabulary import Scope
from features.packing import attributes_of_row
from features.registers import registers_of, stored_attributes
from features.schema import (
    Case,
    Consultation,
    Evidence,
    Interaction,
    MaskedProfile,
    Profile,
    Rating,
    RecordTables,
    Relation,
    ScopeItem,
    Value,
)
from features.statements import AttributeHistory, end_of

_ITEM = ("id", "scope", "owner", "label")
_CASE = ("id", "scope_item", "item", "cycle", "status", "channel", "opened_at", "closed_at")
_EVIDENCE = ("id", "scope_item", "type", "valid_from", "valid_to", "source")
_INTERACTION = ("client_id", "kind", "at", "item", "scope_item", "channel", "query", "slate", "position")
_CONSULTATION = ("id", "topic", "channel", "place", "outcome", "at")
_RATING = ("item", "score", "source", "at", "case")
_RELATION = ("subject", "other", "kind", "scope", "valid_from", "valid_to")
_SCOPE_ORDER = {scope: place for place, scope in enumerate(Scope)}
_Told = tuple[dict[str, Value], dict[str, dt.datetime]]


@dataclass(frozen=True, slots=True)
class PastProfiles:
    """All that is on record of one kind of subject, to be looked at as of any day."""

    records: RecordTables
    """Of the whole time; `read` takes what was known by then."""
    history: AttributeHistory

    def read(self, subjects: Collection[str], on: dt.date) -> dict[str, Profile]:
        """The profiles of these subjects as known at a day's end, before any mask, in id order."""
        wanted = pl.DataFrame({"owner": sorted(subjects)}, schema={"owner": pl.String})
        items = self.records.scope_items.join(wanted, on="owner", how="semi")
        items = self._there_by(items, on)
        spoken = self._spoken(items, on)
        cases, papers = self._cases(items, on), self._papers(items, on)
        owned: dict[str, list[ScopeItem]] = {subject: [] for subject in wanted["owner"]}
        order = pl.col("scope").replace_strict(_SCOPE_ORDER, return_dtype=pl.Int32)
        for id_, scope, owner, label in items.sort(order, "id").select(_ITEM).iter_rows():
            told, as_of = spoken.get(id_, ({}, {}))
            owned[owner].append(
                ScopeItem(
                    id_, Scope(scope), owner, label, told, as_of, papers.get(id_, ()), cases.get(id_, ())
                )
            )
        acts, relations = self._interactions(wanted, on), self._relations(wanted, on)
        asked = self._told(self.records.consultations, wanted, on, Consultation, _CONSULTATION)
        rated = self._told(self.records.ratings, wanted, on, Rating, _RATING)
        return {
            subject: Profile(
                subject,
                self.records.kind,
                tuple(own),
                acts.get(subject, ()),
                relations.get(subject, ()),
                asked.get(subject, ()),
                rated.get(subject, ()),
            )
            for subject, own in owned.items()
            if own
        }

    def _there_by(self, items: pl.DataFrame, on: dt.date) -> pl.DataFrame:
        """The subjects themselves, and such of their things as something was on record of by a day."""
        kind, catalogue = self.records.kind, self.history.catalogue
        seen = [self.records.evidence.filter(pl.col("valid_from") <= on).select(id="scope_item")]
        seen.append(self.records.cases.filter(pl.col("opened_at") <= end_of(on)).select(id="scope_item"))
        for scope in items["scope"].unique().sort():
            for register in registers_of(catalogue, kind, Scope(scope)):
                said = self.history.statements(kind, Scope(scope), register)
                known = said.filter(pl.col("observed_at") <= end_of(on))
                seen.append(known.select(id="scope_item").unique().collect())
        known_of = pl.concat(seen).unique()
        itself = items.filter(pl.col("scope") == Scope.SELF)
        return pl.concat(
            [itself, items.filter(pl.col("scope") != Scope.SELF).join(known_of, on="id", how="semi")]
        )

    def _spoken(self, items: pl.DataFrame, on: dt.date) -> dict[str, _Told]:
        """By scope item, the attributes that held, and when each register had last spoken."""
        kind, catalogue = self.records.kind, self.history.catalogue
        found: dict[str, _Told] = {}
        for scope in items["scope"].unique().sort():
            ids = items.filter(pl.col("scope") == scope).select(scope_item="id").lazy()
            for register in registers_of(catalogue, kind, Scope(scope)):
                names = [a.name for a in stored_attributes(catalogue, kind, Scope(scope), register)]
                said = self.history.latest(kind, Scope(scope), register, end_of(on))
                for row in said.join(ids, on="scope_item", how="semi").collect().iter_rows(named=True):
                    told, as_of = found.setdefault(row["scope_item"], ({}, {}))
                    told.update(attributes_of_row(row, names))
                    as_of[register] = row["observed_at"]
        return found

    def _cases(self, items: pl.DataFrame, on: dt.date) -> dict[str, tuple[Case, ...]]:
        end = end_of(on)
        known = self.records.cases.filter(pl.col("opened_at") <= end)
        own = known.join(items.select(scope_item="id"), on="scope_item", how="semi")
        later = pl.col("closed_at") > end
        then = own.with_columns(
            status=pl.when(later).then(pl.lit("open")).otherwise(pl.col("status")),
            closed_at=pl.when(later.not_() | later.is_null()).then(pl.col("closed_at")),
        )
        return _grouped(then.sort("opened_at", "id"), "scope_item", Case, _CASE)

    def _papers(self, items: pl.DataFrame, on: dt.date) -> dict[str, tuple[Evidence, ...]]:
        held = self.records.evidence.filter(pl.col("valid_from").is_null() | (pl.col("valid_from") <= on))
        own = held.join(items.select(scope_item="id"), on="scope_item", how="semi")
        return _grouped(own.sort("id"), "scope_item", Evidence, _EVIDENCE)

    def _interactions(self, wanted: pl.DataFrame, on: dt.date) -> dict[str, tuple[Interaction, ...]]:
        own = self.records.interactions.filter(pl.col("at") <= end_of(on))
        own = own.join(wanted.select(subject="owner"), on="subject", how="semi")
        latest = own.sort("at", "client_id", descending=[True, False])
        return _grouped(latest, "subject", Interaction, (*_INTERACTION, "propensity"))

    def _told(
        self, told: pl.DataFrame, wanted: pl.DataFrame, on: dt.date, made: Any, columns: tuple[str, ...]
    ) -> dict[str, Any]:
        """What was asked, or how things were rated, by then."""
        own = told.filter(pl.col("at") <= end_of(on))
        own = own.join(wanted.select(subject="owner"), on="subject", how="semi")
        return _grouped(own.sort("at", columns[0]), "subject", made, columns)

    def _relations(self, wanted: pl.DataFrame, on: dt.date) -> dict[str, tuple[Relation, ...]]:
        """Those of the subject's own side that had begun."""
        begun = pl.col("valid_from").is_null() | (pl.col("valid_from") <= on)
        own = self.records.relations.filter(begun)
        own = own.join(wanted.select(subject="owner"), on="subject", how="semi")
        return _grouped(own.sort("subject", "other", "kind", "scope"), "subject", Relation, _RELATION)


def known_by_then(profile: MaskedProfile) -> MaskedProfile:
    """A masked past profile less the things that nothing the purpose may see had spoken of by then."""
    kept = tuple(item for item in profile.scope_items if item.scope is Scope.SELF or _spoken_of(item))
    ids = {None, *(item.id for item in kept)}
    acts = tuple(act for act in profile.interactions if act.scope_item in ids)
    return replace(profile, scope_items=kept, interactions=acts)


def _spoken_of(item: ScopeItem) -> bool:
    dated = any(paper.valid_from is not None for paper in item.evidence)
    return dated or bool(item.cases) or bool(item.as_of)


def _grouped(frame: pl.DataFrame, key: str, made: Any, columns: tuple[str, ...]) -> dict[str, Any]:
    """The rows as frozen values, in their order, by the value of one column."""
    found: dict[str, list[Any]] = {}
    for owner, row in zip(frame[key], frame.select(columns).iter_rows(), strict=True):
        found.setdefault(owner, []).append(made(*row))
    return {owner: tuple(things) for owner, things in found.items()}
