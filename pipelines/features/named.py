"""Named features of everybody, through the mask, into the offline history that models train on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
from sqlalchemy import Connection

from catalog.catalogue import Catalogue
from catalog.vocabulary import Scope, SubjectKind
from features.snapshot import snapshot_at
from features.statements import AttributeHistory, business_day
from features.transforms import behaviours, service_statistics, told_statistics, traits
from pipelines.features.history import write_snapshot
from privacy.aggregates import SMALLEST
from privacy.mask import mask_records, mask_table
from privacy.tag_columns import records_without_tags, table_without_tags
from records.consents import consents_table
from records.deleted_tags import deleted_tags_table
from records.populations import record_tables
from records.subjects import iter_subjects

PAGE = 100_000
"""Subjects worked on at once."""
_STATISTICS = "public_service_statistics"


@dataclass
class NamedFeatures:
    """One snapshot of every named feature, gathered page by page."""

    history: AttributeHistory
    at: dt.datetime
    views: dict[str, list[pl.DataFrame]] = field(default_factory=dict)
    used: list[pl.DataFrame] = field(default_factory=list)

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue the features are of."""
        return self.history.catalogue

    def gather(self, connection: Connection, kind: SubjectKind, advance: Callable[[int], None]) -> None:
        """Works out the features of all subjects of the kind; `advance` is told how many are done."""
        done = 0
        for page in iter_subjects(connection, kind, PAGE):
            self._gather_page(connection, kind, page)
            done += len(page)
            advance(done)

    def statistics(self) -> pl.DataFrame:
        """The use of every public service, summed over all pages; null where few stand behind it."""
        words = dict.fromkeys(("subject", "kind", "item"), pl.String())
        nobody = pl.DataFrame(schema={**words, "at": pl.Datetime("us", "UTC")})
        none = service_statistics(nobody, self.catalogue, self.at)
        together = pl.concat([none, *self.used]).group_by("item", maintain_order=True)
        return told_statistics(together.agg(pl.exclude("item").sum()), SMALLEST)

    def write(self, offline: Path) -> dict[str, int]:
        """Writes the snapshot into the views' histories; rows by view."""
        written = {}
        for view, frames in {**self.views, _STATISTICS: [self.statistics()]}.items():
            frame = pl.concat(frames).rename({"subject": "scope_item"}, strict=False)
            write_snapshot(offline, view, frame, self.at)
            written[view] = len(frame)
        return written

    def _gather_page(self, connection: Connection, kind: SubjectKind, page: tuple[str, ...]) -> None:
        """Traits and behaviour as `train` may know them, less deleted tags; use as `aggregate` may."""
        consents = consents_table(connection, kind, page[0], page[-1])
        records = record_tables(connection, kind, page[0], page[-1])
        table = snapshot_at(self.history, kind, Scope.SELF, self.at, records.scope_items)
        deleted = deleted_tags_table(connection, kind, page[0], page[-1])
        told = mask_table(table, "train", consents, self.catalogue, self.at)
        told = table_without_tags(told, deleted, self.catalogue)
        self._add(f"{kind}_traits", traits(told, self.catalogue, business_day(self.at)))
        seen = mask_records(records, "train", consents, self.catalogue, self.at)
        seen = records_without_tags(seen, deleted, self.catalogue)
        if kind is SubjectKind.CITIZEN:
            did = behaviours(seen.interactions, seen.observed, self.catalogue, kind, self.at)
            self._add("citizen_behaviour", did)
        counted = mask_records(records, "aggregate", consents, self.catalogue, self.at)
        self.used.append(service_statistics(counted.interactions, self.catalogue, self.at))

    def _add(self, view: str, frame: pl.DataFrame) -> None:
        self.views.setdefault(view, []).append(frame)
