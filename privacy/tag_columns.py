"""Deleted tags on columns: what subjects deleted shapes no model either, row by row as in `without_tags`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Final

import polars as pl

from catalog.catalogue import Catalogue
from catalog.predicate import presence
from catalog.vocabulary import SubjectKind
from features.schema import MaskedRecordTables, MaskedTable
from privacy.tags import DID, PAPERS, PAST, SEARCHED, closed_attributes, theme_tag

_TAGS: Final = {"subject": pl.String, "tag": pl.String}


def no_tags() -> pl.DataFrame:
    """Nobody deleted anything."""
    return pl.DataFrame(schema=_TAGS)


def table_without_tags(table: MaskedTable, deleted: pl.DataFrame, catalogue: Catalogue) -> MaskedTable:
    """The table with every cell null that tells what its subject deleted; `deleted`: subject, tag."""
    closing = _closing(deleted, catalogue, table.kind)
    told = [name for name in table.frame.columns if name in closing]
    if not told:
        return table
    subject = pl.col("subject")
    cells = [pl.when(~subject.is_in(closing[name].implode())).then(pl.col(name)).alias(name) for name in told]
    return replace(table, frame=table.frame.with_columns(cells))


def records_without_tags(
    records: MaskedRecordTables, deleted: pl.DataFrame, catalogue: Catalogue
) -> MaskedRecordTables:
    """The records less the acts, cases and papers that tell what their subjects deleted."""
    if deleted.is_empty():
        return records
    owners = records.scope_items.select(scope_item="id", subject="owner")
    searched = pl.col("item").is_null()
    done = pl.when(searched).then(pl.lit(SEARCHED)).otherwise(_theme_tag(DID, catalogue))
    acts = _less(records.interactions, deleted, done)
    cases = _less(
        records.cases.join(owners, on="scope_item", how="left"), deleted, _theme_tag(PAST, catalogue)
    )
    papers = _less(records.evidence.join(owners, on="scope_item", how="left"), deleted, pl.lit(PAPERS))
    return replace(
        records,
        interactions=acts,
        cases=cases.drop("subject"),
        evidence=papers.drop("subject"),
    )


def deleting(
    deleted: pl.DataFrame,
    catalogue: Catalogue,
    kind: SubjectKind,
    cases: Collection[str] = (),
    evidence: Collection[str] = (),
    attributes: Collection[str] = (),
) -> pl.Series:
    """Subjects of whom such cases, papers or attributes would not be seen for a tag they deleted."""
    tags = {theme_tag(PAST, item, catalogue) for item in cases} | ({PAPERS} if evidence else set())
    closing = _closing(deleted, catalogue, kind) if attributes else {}
    who = [deleted.filter(pl.col("tag").is_in(sorted(tag for tag in tags if tag)))["subject"]]
    who += [closing[name] for name in attributes if name in closing]
    return pl.concat(who).unique().sort()


def _closing(deleted: pl.DataFrame, catalogue: Catalogue, kind: SubjectKind) -> dict[str, pl.Series]:
    """By attribute and its presence: the subjects who deleted a trait that is read from it."""
    found: dict[str, list[pl.Series]] = {}
    for (tag,), rows in deleted.group_by("tag", maintain_order=True):
        for name in closed_attributes(frozenset({str(tag)}), catalogue, kind):
            for told in (name, presence(name)):
                found.setdefault(told, []).append(rows["subject"])
    return {name: pl.concat(subjects).unique().sort() for name, subjects in found.items()}


def _theme_tag(sort: str, catalogue: Catalogue) -> pl.Expr:
    """The tag under which a row's item counts; null for an item the catalogue does not know."""
    tags = {item: theme_tag(sort, item, catalogue) for item in catalogue.items}
    return pl.col("item").replace_strict(tags, default=None, return_dtype=pl.String)


def _less(rows: pl.DataFrame, deleted: pl.DataFrame, tag: pl.Expr) -> pl.DataFrame:
    """The rows, in their order, whose subject did not delete the row's tag."""
    tagged = rows.with_columns(tag.alias("__tag"))
    gone = deleted.rename({"tag": "__tag"})
    return tagged.join(gone, on=["subject", "__tag"], how="anti", maintain_order="left").drop("__tag")
