"""What a worker does when something came of a subject: it tells what became due and what a package gained."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from catalog.vocabulary import SubjectKind
from pipelines.difference.reassess import Reassessor
from pipelines.package_push.renewal import Renewer
from records.arrivals import Came
from records.subjects import kind_of
from records.tables.vocabulary import ArrivalKind

CHANGES_STANDINGS: Final[frozenset[ArrivalKind]] = frozenset(
    {"case", "evidence", "register", "relation", "consent", "catalogue"}
)
"""After a departure nothing is told; what a subject looked at or asked changes no standing."""


@dataclass(frozen=True, slots=True)
class StandingChanges:
    """Reassesses the subject that something came of; fit for a step of the live worker."""

    reassessor: Callable[[], Reassessor]
    """Of the catalogue in use."""
    now: Callable[[], tuple[dt.datetime, dt.date]]
    """The instant and the business date to judge by."""

    def concerns(self, came: Came) -> bool:
        """Whether what came may change a standing."""
        return came.kind in CHANGES_STANDINGS

    def act(self, connection: Connection, subject: str, came: Sequence[Came], at: dt.datetime) -> None:
        """Judge the subject afresh, whatever came and however often. Raises UnknownSubject."""
        instant, on = self.now()
        reassessor = self.reassessor()
        reassessor.reassess(connection, subject, instant, on)
        if kind_of(connection, subject) is SubjectKind.ENTERPRISE:
            Renewer(reassessor).renew(connection, subject, instant, on)
