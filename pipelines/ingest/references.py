"""What rows refer to: whether it exists, whose it is, and whether it is of the right kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import polars as pl
from sqlalchemy import Connection, select

from catalog.catalogue import Catalogue
from catalog.vocabulary import SCOPES_OF, Sensitivity
from pipelines.ingest.casting import ID
from pipelines.ingest.contract import (
    Check,
    Contract,
    FitsItem,
    OfScope,
    OnlyFor,
    Reference,
    ScopeOfKind,
    Theirs,
)
from pipelines.ingest.masks import Masks, Reason
from privacy.purposes import CONSULTATIONS, INTERACTIONS, RATINGS, Policy, attribute_target, evidence_target
from records import tables
from records.bulk import rows_with_keys

Wrong = tuple[Reason, pl.Expr]
Facts = pl.DataFrame
"""What is known of the things referred to: `id`, and `owner`, `scope`, `kind` where they have them."""


@dataclass(frozen=True, slots=True)
class Known:
    """Everything a row may refer to: what the records and the catalogue hold."""

    connection: Connection
    catalogue: Catalogue

    def facts(self, reference: Reference, ids: pl.Series) -> Facts:
        """What is known of those of the ids that exist."""
        wanted = pl.DataFrame({"id": ids.drop_nulls().unique()}).filter(pl.col("id").str.contains(ID))
        return self._readers()[reference](wanted)

    def _readers(self) -> Mapping[Reference, Callable[[pl.DataFrame], Facts]]:
        return {
            "subjects": lambda wanted: rows_with_keys(self.connection, tables.subject, wanted),
            "scope_items": self._scope_items,
            "cases": self._cases,
            "items": lambda wanted: wanted.join(self._items(), on="id"),
            "evidence_types": lambda wanted: wanted.filter(
                pl.col("id").is_in(list(self.catalogue.evidence_types))
            ),
        }

    def _scope_items(self, wanted: pl.DataFrame) -> Facts:
        mine, owner = tables.scope_item, tables.subject
        statement = select(mine.c.id, mine.c.owner, mine.c.scope, owner.c.kind).select_from(mine.join(owner))
        return rows_with_keys(self.connection, mine, wanted, statement)

    def _cases(self, wanted: pl.DataFrame) -> Facts:
        case, about = tables.case, tables.scope_item
        statement = select(case.c.id, about.c.owner).select_from(case.join(about))
        return rows_with_keys(self.connection, case, wanted, statement)

    def _items(self) -> Facts:
        items = [(i.id, i.scope.value, i.subject.value) for i in self.catalogue.items.values()]
        return pl.DataFrame(
            items, schema={"id": pl.String, "scope": pl.String, "kind": pl.String}, orient="row"
        )


def consent_targets(catalogue: Catalogue, policy: Policy) -> list[str]:
    """What one can consent to the use of: the groups of the catalogue, and those the policy adds."""
    named = {
        *(attribute.consent_group for attribute in catalogue.attributes.values()),
        *(paper.consent_group for paper in catalogue.evidence_types.values()),
        *(data.consent_group for data in (*policy.scope_items.values(), *policy.relations.values())),
        *(mandate.consent_group for mandate in policy.secrets.values()),
    }
    implied = {*policy.default_groups.values(), *(sensitivity.value for sensitivity in Sensitivity)}
    implied |= set(policy.delicacy_groups.values())
    groups = {group for group in (*named, *implied, *catalogue.consent_groups) if group}
    return [
        INTERACTIONS,
        CONSULTATIONS,
        RATINGS,
        *(of(group) for group in sorted(groups) for of in (attribute_target, evidence_target)),
    ]


def check_references(typed: pl.DataFrame, contract: Contract, known: Known, masks: Masks) -> None:
    """Mask the rows that refer to what does not exist or is not theirs to refer to."""
    wide = typed
    wrong: dict[Reason, pl.Expr] = {}
    for column in contract.columns:
        if column.references is None or column.name not in typed.columns:
            continue
        facts = known.facts(column.references, typed[column.name])
        told = facts.rename({name: f"{column.name}.{name}" for name in facts.columns if name != "id"})
        wide = wide.join(
            told.with_columns(pl.lit(True).alias(f"{column.name}.known")),
            left_on=column.name,
            right_on="id",
            how="left",
            maintain_order="left",
        )
        unknown = pl.col(column.name).is_not_null() & pl.col(f"{column.name}.known").is_null()
        wrong[Reason("unknown_reference", column.name, column.references)] = unknown
    masks.add(wide, {**wrong, **dict(found for check in contract.checks for found in _across(check))})


def _across(check: Check) -> Iterator[Wrong]:
    match check:
        case Theirs(column, subject):
            yield Reason("not_theirs", column, subject), pl.col(f"{column}.owner") != pl.col(subject)
        case FitsItem(item, scope_item):
            differs = (pl.col(f"{item}.scope") != pl.col(f"{scope_item}.scope")) | (
                pl.col(f"{item}.kind") != pl.col(f"{scope_item}.kind")
            )
            yield Reason("wrong_scope", scope_item, item), differs
        case ScopeOfKind(scope, owner):
            fits = [
                (pl.col(f"{owner}.kind") == kind.value) & pl.col(scope).is_in([s.value for s in scopes])
                for kind, scopes in SCOPES_OF.items()
            ]
            yield Reason("wrong_scope", scope, owner), ~pl.any_horizontal(fits)
        case OfScope(column, kind, scope):
            differs = (pl.col(f"{column}.kind") != kind.value) | (pl.col(f"{column}.scope") != scope.value)
            yield Reason("wrong_scope", column, f"{kind.value}.{scope.value}"), differs
        case OnlyFor(column, value, subject, kind):
            other = (pl.col(column) == value) & (pl.col(f"{subject}.kind") != kind.value)
            yield Reason("only_for", column, subject, f"{value}: {kind.value}"), other
