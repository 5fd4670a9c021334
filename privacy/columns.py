"""The mask as column expressions: which rows and cells of a whole population stay."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from catalog.catalogue import Catalogue
from catalog.predicate import presence
from catalog.vocabulary import Scope
from features.schema import PurposeName, ScopeTable
from privacy.consent import granted_pairs
from privacy.needs import CLOSED, Needs, NeedsOf


@dataclass(frozen=True)
class Grants:
    """Who granted what to one purpose at one instant."""

    pairs: pl.DataFrame
    """subject, target."""

    @classmethod
    def of(cls, consents: pl.DataFrame, purpose: PurposeName, at: dt.datetime) -> Grants:
        """The grants in force among these consents."""
        pairs = granted_pairs(consents, purpose, at)
        return cls(pairs.filter(~pl.col("target").is_in(sorted(CLOSED))))

    def granting(self, needs: Needs) -> pl.DataFrame:
        """`subject` of all who granted every one of these (at least one) targets."""
        return (
            self.pairs.filter(pl.col("target").is_in(sorted(needs)))
            .group_by("subject")
            .agg(pl.len().alias("granted"))
            .filter(pl.col("granted") == len(needs))
            .select("subject")
        )

    def joined(self, frame: pl.DataFrame, wanted: Mapping[Needs, str], subject: str) -> pl.DataFrame:
        """The frame with a Boolean column for each wanted set of needs: granted by the row's subject?"""
        flags = frame.select(pl.col(subject).alias("subject").unique())
        for needs, name in wanted.items():
            who = self.granting(needs).with_columns(pl.lit(True).alias(name))
            flags = flags.join(who, on="subject", how="left")
        flags = flags.with_columns(pl.col(name).fill_null(False) for name in wanted.values())
        return frame.join(flags, left_on=subject, right_on="subject", how="left", maintain_order="left")


def masked_attributes(
    table: ScopeTable, needs: NeedsOf, grants: Grants, catalogue: Catalogue
) -> pl.DataFrame:
    """The table with closed cells null, closed rows gone, and only columns the catalogue knows as held."""
    kept = _kept_columns(table, needs, catalogue)
    row_needs = needs.scopes.get(table.scope, CLOSED)
    wanted = _flags([*kept.values(), row_needs])
    keys = [name for name in ("scope_item", "subject", "event_timestamp") if name in table.frame.columns]
    frame = grants.joined(table.frame.select(*keys, *kept), wanted, "subject")
    if row_needs:
        frame = frame.filter(pl.col(wanted[row_needs]))
    return frame.select(
        *keys,
        *(
            pl.when(wanted[need]).then(pl.col(name)).alias(name) if need else name
            for name, need in kept.items()
        ),
    )


def _kept_columns(table: ScopeTable, needs: NeedsOf, catalogue: Catalogue) -> dict[str, Needs]:
    """The needs of each column that holds an attribute, or its presence, of this scope or of the owner."""
    of = {
        name: need
        for name, need in needs.attributes.items()
        if catalogue.attributes[name].scope in (table.scope, Scope.SELF)
    }
    flags = {presence(name): need for name, need in of.items()}
    known = {**flags, **needs.derived, **of}
    return {name: known[name] for name in table.frame.columns if name in known and name not in needs.derived}


def open_scope_items(scope_items: pl.DataFrame, needs: NeedsOf, grants: Grants) -> pl.DataFrame:
    """The scope items that may be known of."""
    by_scope = {str(scope): need for scope, need in needs.scopes.items()}
    return _open_rows(scope_items, "scope", by_scope, grants, "owner")


def open_papers(
    papers: pl.DataFrame, by: str, needs: Mapping[str, Needs], open_items: pl.DataFrame, grants: Grants
) -> pl.DataFrame:
    """The papers (or cases) of open scope items whose type (or item) is open."""
    owners = open_items.select(pl.col("id").alias("scope_item"), pl.col("owner").alias("__owner"))
    owned = papers.join(owners, on="scope_item", how="inner", maintain_order="left")
    return _open_rows(owned, by, needs, grants, "__owner").drop("__owner")


def open_interactions(
    interactions: pl.DataFrame, needs: NeedsOf, open_items: pl.DataFrame, grants: Grants
) -> pl.DataFrame:
    """The interactions of subjects who let them be known, with open items and open scope items."""
    ids = open_items.select(pl.col("id").alias("scope_item"))
    somewhere = interactions.filter(pl.col("scope_item").is_not_null())
    known = somewhere.select("scope_item").unique().join(ids, on="scope_item", how="semi")["scope_item"]
    rows = interactions.filter(pl.col("scope_item").is_null() | pl.col("scope_item").is_in(known.implode()))
    plain = {"": needs.interactions, **needs.interactions_with}
    keyed = rows.with_columns(pl.col("item").fill_null("").alias("__item"))
    return _open_rows(keyed, "__item", plain, grants, "subject").drop("__item")


def open_consultations(consultations: pl.DataFrame, needs: NeedsOf, grants: Grants) -> pl.DataFrame:
    """What subjects asked who let it be known; a topic the catalogue does not have tells nothing more."""
    topics = consultations["topic"].unique().to_list()
    by_topic = {topic: needs.consulted_on.get(topic, needs.consultations) for topic in topics}
    return _open_rows(consultations, "topic", by_topic, grants, "subject")


def open_ratings(ratings: pl.DataFrame, needs: NeedsOf, grants: Grants) -> pl.DataFrame:
    """The ratings of items that may be known of, by subjects who let them be."""
    return _open_rows(ratings, "item", needs.ratings_of, grants, "subject")


def open_relations(relations: pl.DataFrame, needs: NeedsOf, grants: Grants) -> pl.DataFrame:
    """The relations that may be known of; a kind the policy does not name is an ordinary one."""
    kinds = relations["kind"].unique().to_list()
    by_kind = {kind: needs.relations.get(kind, needs.other_relations) for kind in kinds}
    return _open_rows(relations, "kind", by_kind, grants, "subject")


def observed_subjects(scope_items: pl.DataFrame, needs: NeedsOf, grants: Grants) -> pl.DataFrame:
    """`subject, interactions, consultations, ratings`: whether such may be known of each at all."""
    seen = scope_items.filter(pl.col("scope") == Scope.SELF).select(pl.col("owner").alias("subject"))
    wanted = {
        "interactions": needs.interactions,
        "consultations": needs.consultations,
        "ratings": needs.ratings,
    }
    for name, need in wanted.items():
        open_to_all = seen.with_columns(pl.lit(True).alias(name))
        seen = grants.joined(seen, {need: name}, "subject") if need else open_to_all
    return seen


def _open_rows(
    frame: pl.DataFrame, by: str, needs: Mapping[str, Needs], grants: Grants, subject: str
) -> pl.DataFrame:
    """Rows whose key has needs that the row's subject granted; a key without an entry is closed."""
    wanted = _flags(needs.values())
    open_to_all = [key for key, need in needs.items() if not need]
    flagged = grants.joined(frame, wanted, subject)
    kept = pl.col(by).is_in(open_to_all)
    for need, name in wanted.items():
        keys = [key for key, of_key in needs.items() if of_key == need]
        kept = kept | (pl.col(by).is_in(keys) & pl.col(name))
    return flagged.filter(kept).select(frame.columns)


def _flags(needs: Iterable[Needs]) -> dict[Needs, str]:
    """A column name for each distinct set of needs that is not empty."""
    distinct = sorted({*needs} - {frozenset[str]()}, key=sorted)
    return {need: f"__granted_{i}" for i, need in enumerate(distinct)}
