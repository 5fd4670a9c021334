"""The records of everybody as statistics may see them, a page of subjects at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection

from catalog.catalogue import Catalogue
from catalog.vocabulary import SubjectKind
from features.schema import MaskedRecordTables
from privacy.mask import mask_records
from records.consents import consents_table
from records.populations import record_tables
from records.subjects import iter_subjects

PAGE: Final = 100_000
"""Subjects read at once."""


def counted_pages(
    connection: Connection, catalogue: Catalogue, at: dt.datetime, since: dt.datetime | None = None
) -> Iterator[MaskedRecordTables]:
    """Both kinds' records masked for `aggregate` at an (aware) instant; no interactions before `since`."""
    for kind in SubjectKind:
        for page in iter_subjects(connection, kind, PAGE):
            consents = consents_table(connection, kind, page[0], page[-1])
            records = record_tables(connection, kind, page[0], page[-1], since)
            yield mask_records(records, "aggregate", consents, catalogue, at)
