"""The tags that many subjects deleted, as columns."""

from __future__ import annotations

import polars as pl
from sqlalchemy import Connection, select

from catalog.vocabulary import SubjectKind
from records.bulk import read_rows
from records.tables import deleted_tag
from records.tables import subject as subjects


def deleted_tags_table(
    connection: Connection, kind: SubjectKind, first: str | None = None, last: str | None = None
) -> pl.DataFrame:
    """subject, tag: what all subjects of the kind (ids from `first` to `last`) deleted."""
    of = deleted_tag.c.subject
    statement = select(of, deleted_tag.c.tag).join(subjects).where(subjects.c.kind == kind.value)
    if first is not None:
        statement = statement.where(of >= first)
    if last is not None:
        statement = statement.where(of <= last)
    return read_rows(connection, statement)
