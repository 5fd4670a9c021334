"""Which standings are worth telling somebody of who is not looking, as rows of a file and one by one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

import polars as pl

from catalog.catalogue import Catalogue, Item
from catalog.public_service import PublicService
from catalog.vocabulary import Nature, Proactive, Procedure, Status, SubjectKind
from models.recommendation import Entry, Standing, Urgency
from models.standing.reasons import reason
from models.standing.turns import nature_of
from pipelines.score.row_entries import entry_of_row

URGENCY_OF: Final[Mapping[str, Urgency]] = {
    "obligation_due": Urgency.OBLIGATION,
    "obligation_overdue": Urgency.OVERDUE,
    "overdue_by_today": Urgency.OVERDUE,
    "obligation_promptly": Urgency.PROMPTLY,
    "obligation_anchor_unknown": Urgency.PROMPTLY,
    "right_lapsing": Urgency.LAPSING,
}
"""What the reason of a `should_do` says of its urgency; a standings file has reasons."""
KEY: Final = ("subject", "scope_item", "item", "cycle", "urgency")
"""What makes a message the same one (`records.reminders.reminder_key`)."""
GAINED: Final = ""
"""In place of an urgency: a right that is newly the subject's, and presses by no date."""


@lru_cache(maxsize=8)
def _told_when_due(catalogue: _Same) -> frozenset[str]:
    return frozenset(item.id for item in catalogue.items() if item.proactive is Proactive.PUSH)


@lru_cache(maxsize=8)
def _told_when_gained(catalogue: _Same) -> frozenset[str]:
    return frozenset(item.id for item in catalogue.items() if _is_gained(item))


class _Same:
    """A catalogue as a cache key: by identity, for it cannot be hashed cheaply."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def items(self) -> Iterable[Item]:
        """What may be told of at all."""
        return (item for item in self.catalogue.items.values() if item.status is Status.CONFIRMED)

    def __hash__(self) -> int:
        return id(self.catalogue)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.catalogue is self.catalogue


def _is_gained(item: Item) -> bool:
    """Whether that it has become theirs is worth a message: a benefit, and none of a firm's package.

    What is in a firm's package is told of by the package's own digest (`pipelines.package_push`).
    """
    if item.proactive is not Proactive.PUSH or nature_of(item) is not Nature.BENEFIT:
        return False
    if not isinstance(item, PublicService):
        return item.subject is SubjectKind.CITIZEN
    packaged = item.subject is SubjectKind.ENTERPRISE and item.procedure is Procedure.LICENCE
    return item.procedure is not Procedure.ENQUIRY and not packaged


def is_due(entry: Entry, catalogue: Catalogue) -> bool:
    """Whether a standing presses: told whenever it holds, unless the subject asked to be spared it."""
    listed = entry.item in _told_when_due(_Same(catalogue))
    return entry.urgency is not None and listed and entry.set_aside is None


def is_gainable(entry: Entry, catalogue: Catalogue) -> bool:
    """Whether a standing is told when the subject comes to have it."""
    listed = entry.item in _told_when_gained(_Same(catalogue))
    return entry.standing is Standing.CAN_DO and listed and entry.set_aside is None


def worth_telling(standings: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """The rows of a standings file that are due or gainable, with their `urgency`."""
    due, gained = _told_when_due(_Same(catalogue)), _told_when_gained(_Same(catalogue))
    urgency = pl.col("reason_code").replace_strict(
        {code: each.value for code, each in URGENCY_OF.items()}, default=None, return_dtype=pl.String()
    )
    pressing = (pl.col("standing") == Standing.SHOULD_DO) & pl.col("item").is_in(list(due))
    gainable = (pl.col("standing") == Standing.CAN_DO) & pl.col("item").is_in(list(gained))
    told = pl.when(pressing).then(urgency).when(gainable).then(pl.lit(GAINED))
    return standings.with_columns(urgency=told).drop_nulls("urgency")


def entry_of(row: Mapping[str, Any]) -> Entry:
    """The standing of a row of `worth_telling`, as a page has it; its reason is worded anew."""
    urgency = row["urgency"]
    return replace(
        entry_of_row(row),
        urgency=Urgency(urgency) if urgency != GAINED else None,
        reasons=(reason(row["reason_code"], row["due_on"]),),
    )
