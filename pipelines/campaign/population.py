"""The subjects of one kind a page at a time, as audiences are read over them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection, select

from catalog.vocabulary import Scope, SubjectKind
from pipelines.campaign.audience import People
from records.bulk import read_rows
from records.consents import consents_table
from records.departures import STANDS
from records.subjects import iter_subjects
from records.tables import departure, scope_item

PAGE: Final = 100_000


def pages(connection: Connection, kind: SubjectKind, size: int = PAGE) -> Iterator[People]:
    """All subjects of the kind that have not departed, with their consents."""
    for ids in iter_subjects(connection, kind, size):
        yield people(connection, kind, ids[0], ids[-1])


def people(connection: Connection, kind: SubjectKind, first: str, last: str) -> People:
    """The subjects of the kind between two ids, both included."""
    s = scope_item.c
    gone = select(departure.c.subject).where(STANDS)
    mine = select(s.id, s.scope, s.owner).where(
        s.scope == Scope.SELF.value, s.owner.between(first, last), s.owner.not_in(gone)
    )
    consents = consents_table(connection, kind, first, last)
    return People(kind, read_rows(connection, mine.order_by(s.id)), consents)
