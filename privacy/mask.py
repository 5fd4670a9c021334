"""The mask: what one purpose may know. Whatever consent or duty does not open becomes unknown.

Only this module makes `MaskedProfile`, `MaskedTable` and `MaskedRecordTables`. A masked thing leaves
no trace: the outcome equals that of a profile which never held it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import polars as pl

from catalog.catalogue import Catalogue
from features.schema import (
    Consultation,
    Interaction,
    MaskedProfile,
    MaskedRecordTables,
    MaskedTable,
    Profile,
    Rating,
    RecordTables,
    Relation,
    ScopeItem,
    ScopeTable,
    UseName,
)
from privacy import columns
from privacy.consent import Consent, granted_targets
from privacy.gate import Opening, needs_for, opening
from privacy.policy_file import default_policy
from privacy.purposes import Policy, purpose_of


def mask(
    profile: Profile,
    purpose: UseName,
    consents: Iterable[Consent],
    catalogue: Catalogue,
    at: dt.datetime,
    policy: Policy | None = None,
) -> MaskedProfile:
    """What the purpose may know of this subject at that (aware) instant; others' consents don't count."""
    own = (consent for consent in consents if consent.subject == profile.subject)
    granted = granted_targets(own, purpose_of(purpose), at)
    gate = opening(catalogue, policy or default_policy(), profile.kind, purpose, granted)
    items = tuple(
        _scope_item(item, gate, catalogue) for item in profile.scope_items if item.scope in gate.scopes
    )
    ids = frozenset(item.id for item in items)
    return MaskedProfile(
        subject=profile.subject,
        kind=profile.kind,
        purpose=purpose,
        scope_items=items,
        interactions=tuple(done for done in profile.interactions if _open_interaction(done, gate, ids)),
        relations=tuple(relation for relation in profile.relations if _open_relation(relation, gate)),
        withheld=gate.withheld,
        consultations=tuple(asked for asked in profile.consultations if _open_consultation(asked, gate)),
        ratings=tuple(said for said in profile.ratings if _open_rating(said, gate)),
    )


def mask_table(
    table: ScopeTable,
    purpose: UseName,
    consents: pl.DataFrame,
    catalogue: Catalogue,
    at: dt.datetime,
    policy: Policy | None = None,
) -> MaskedTable:
    """The same mask on columns. Rows of scope items that may not be known of go; unknown columns go."""
    needs = needs_for(catalogue, policy or default_policy(), table.kind, purpose)
    grants = columns.Grants.of(consents, purpose_of(purpose), at)
    frame = columns.masked_attributes(table, needs, grants, catalogue)
    return MaskedTable(kind=table.kind, scope=table.scope, purpose=purpose, frame=frame)


def mask_records(
    tables: RecordTables,
    purpose: UseName,
    consents: pl.DataFrame,
    catalogue: Catalogue,
    at: dt.datetime,
    policy: Policy | None = None,
) -> MaskedRecordTables:
    """The same mask on the records of many subjects, row by row as `mask` would."""
    needs = needs_for(catalogue, policy or default_policy(), tables.kind, purpose)
    grants = columns.Grants.of(consents, purpose_of(purpose), at)
    open_items = columns.open_scope_items(tables.scope_items, needs, grants)
    return MaskedRecordTables(
        kind=tables.kind,
        purpose=purpose,
        scope_items=open_items,
        evidence=columns.open_papers(tables.evidence, "type", needs.evidence, open_items, grants),
        cases=columns.open_papers(tables.cases, "item", needs.cases, open_items, grants),
        interactions=columns.open_interactions(tables.interactions, needs, open_items, grants),
        relations=columns.open_relations(tables.relations, needs, grants),
        observed=columns.observed_subjects(tables.scope_items, needs, grants),
        consultations=columns.open_consultations(tables.consultations, needs, grants),
        ratings=columns.open_ratings(tables.ratings, needs, grants),
    )


def mask_matters(
    matters: pl.DataFrame,
    tables: MaskedRecordTables,
    consents: pl.DataFrame,
    catalogue: Catalogue,
    at: dt.datetime,
    policy: Policy | None = None,
) -> pl.DataFrame:
    """Rows with `scope_item` and `item` (invitations and the like) for the use the tables are masked for.

    They tell as much as a case of the item would, and are open where that is.
    """
    needs = needs_for(catalogue, policy or default_policy(), tables.kind, tables.purpose)
    grants = columns.Grants.of(consents, purpose_of(tables.purpose), at)
    return columns.open_papers(matters, "item", needs.cases, tables.scope_items, grants)


def _scope_item(item: ScopeItem, gate: Opening, catalogue: Catalogue) -> ScopeItem:
    attributes = {name: value for name, value in item.attributes.items() if name in gate.attributes}
    # A register that told nothing we may know is not known to have spoken.
    heard = {gate.register_of[name] for name in attributes}
    return ScopeItem(
        id=item.id,
        scope=item.scope,
        owner=item.owner,
        label=item.label,
        attributes=attributes,
        as_of={register: time for register, time in item.as_of.items() if register in heard},
        evidence=tuple(paper for paper in item.evidence if paper.type in gate.evidence),
        cases=tuple(case for case in item.cases if case.item in gate.cases),
    )


def _open_interaction(done: Interaction, gate: Opening, scope_items: frozenset[str]) -> bool:
    return (
        gate.interactions
        and (done.item is None or done.item in gate.interactions_with)
        and (done.scope_item is None or done.scope_item in scope_items)
    )


def _open_consultation(asked: Consultation, gate: Opening) -> bool:
    return gate.consultations and asked.topic not in gate.closed_topics


def _open_rating(said: Rating, gate: Opening) -> bool:
    return gate.ratings and said.item in gate.ratings_of


def _open_relation(relation: Relation, gate: Opening) -> bool:
    if relation.kind in gate.relations:
        return True
    return gate.other_relations and relation.kind not in gate.closed_relations
