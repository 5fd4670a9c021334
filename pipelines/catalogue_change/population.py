"""The recorded population, some thousand subjects at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection, select

from catalog.vocabulary import SubjectKind
from pipelines.catalogue_change.sides import Page
from records.bulk import read_rows
from records.consents import consents_table
from records.database import open_records, reading
from records.settings import Settings
from records.subjects import iter_subjects
from records.tables import scope_item
from records.tables import subject as subjects

PAGE: Final = 200_000


def is_peopled(settings: Settings) -> bool:
    """Whether any register has told anything; asked without making records where there are none."""
    return next(settings.attributes_path.rglob("*.parquet"), None) is not None


def population(settings: Settings, size: int = PAGE) -> Iterator[Page]:
    """All subjects with their scope items and consents, a page after another, in one transaction."""
    engine = open_records(settings)
    try:
        with reading(engine) as connection:
            for kind in SubjectKind:
                for ids in iter_subjects(connection, kind, size):
                    yield _page(connection, kind, ids[0], ids[-1])
    finally:
        engine.dispose()


def _page(connection: Connection, kind: SubjectKind, first: str, last: str) -> Page:
    owned = (
        select(scope_item.c.id, scope_item.c.scope, scope_item.c.owner)
        .join(subjects, scope_item.c.owner == subjects.c.id)
        .where(subjects.c.kind == kind.value, scope_item.c.owner.between(first, last))
        .order_by(scope_item.c.id)
    )
    return Page(
        kind=kind,
        scope_items=read_rows(connection, owned),
        consents=consents_table(connection, kind, first, last),
    )
