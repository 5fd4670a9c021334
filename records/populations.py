"""The records of many subjects as columns, for the runs over a whole population."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
from sqlalchemy import Connection, Select, Table, select

from catalog.vocabulary import SubjectKind
from features.schema import RecordTables
from records.bulk import read_rows
from records.tables import WHOLE, case, consultation, evidence, interaction, rating, relation, scope_item
from records.tables import subject as subjects


def record_tables(
    connection: Connection,
    kind: SubjectKind,
    first: str | None = None,
    last: str | None = None,
    since: dt.datetime | None = None,
) -> RecordTables:
    """The records of all subjects of the kind, before any mask.

    `first` and `last` bound the subject ids (both included), so that a run can go page by page;
    `since` leaves out older interactions.
    """

    def owned(table: Table, *columns: Any) -> Select[Any]:
        items = table.join(scope_item, table.c.scope_item == scope_item.c.id)
        return _within(select(*columns).select_from(items), scope_item.c.owner, kind, first, last)

    done = select(*interaction.columns)
    if since is not None:
        done = done.where(interaction.c.at >= since)
    items = select(scope_item.c.id, scope_item.c.scope, scope_item.c.owner, scope_item.c.label)
    related = read_rows(connection, _within(select(*relation.columns), relation.c.subject, kind, first, last))
    return RecordTables(
        kind=kind,
        scope_items=read_rows(connection, _within(items, scope_item.c.owner, kind, first, last)),
        evidence=read_rows(connection, owned(evidence, *evidence.columns)),
        cases=read_rows(connection, owned(case, *case.columns)),
        interactions=read_rows(connection, _within(done, interaction.c.subject, kind, first, last)),
        consultations=read_rows(
            connection, _within(select(*consultation.columns), consultation.c.subject, kind, first, last)
        ),
        ratings=read_rows(connection, _within(select(*rating.columns), rating.c.subject, kind, first, last)),
        relations=related.with_columns(scope=pl.when(pl.col("scope") != WHOLE).then(pl.col("scope"))),
    )


def _within(
    statement: Select[Any], subject: Any, kind: SubjectKind, first: str | None, last: str | None
) -> Select[Any]:
    """Only the subjects of the kind and between the bounds."""
    bounded = statement.where(subject.in_(select(subjects.c.id).where(subjects.c.kind == kind.value)))
    if first is not None:
        bounded = bounded.where(subject >= first)
    return bounded if last is None else bounded.where(subject <= last)
