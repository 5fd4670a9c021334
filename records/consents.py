"""Consents, read afresh at every call, so that a withdrawal holds on the next one."""

from __future__ import annotations

import polars as pl
from sqlalchemy import Connection, select

from catalog.vocabulary import SubjectKind
from privacy.consent import Consent
from records.bulk import read_rows
from records.tables import consent
from records.tables import subject as subjects

_COLUMNS = (
    consent.c.subject,
    consent.c.purpose,
    consent.c.target,
    consent.c.granted_at,
    consent.c.withdrawn_at,
    consent.c.text_version,
)


def consents_of(connection: Connection, subject: str) -> tuple[Consent, ...]:
    """Every consent the subject ever gave, withdrawn ones among them, in the order they were given."""
    statement = (
        select(*_COLUMNS)
        .where(consent.c.subject == subject)
        .order_by(consent.c.granted_at, consent.c.purpose, consent.c.target)
    )
    return tuple(Consent(*row) for row in connection.execute(statement))


def consents_table(
    connection: Connection, kind: SubjectKind, first: str | None = None, last: str | None = None
) -> pl.DataFrame:
    """The consents of all subjects of the kind (ids from `first` to `last`), as the columns of `Consent`."""
    statement = select(*_COLUMNS).join(subjects).where(subjects.c.kind == kind.value)
    if first is not None:
        statement = statement.where(consent.c.subject >= first)
    if last is not None:
        statement = statement.where(consent.c.subject <= last)
    return read_rows(connection, statement)
