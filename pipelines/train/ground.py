"""What training may know of one kind of subject, as of any day: everything through the mask for `train`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

import polars as pl

from catalog.catalogue import Catalogue
from catalog.vocabulary import Scope, SubjectKind
from features.schema import MaskedRecordTables, MaskedTable, PurposeName, RecordTables
from features.snapshot import snapshot
from features.statements import AttributeHistory, end_of
from features.transforms import traits
from pipelines.train.observation import observed_from
from privacy.consent import granted_pairs
from privacy.gate import needs_for
from privacy.mask import mask_records, mask_table
from privacy.needs import Needs
from privacy.policy_file import default_policy
from privacy.tag_columns import deleting, no_tags, records_without_tags, table_without_tags
from records.consents import consents_table
from records.database import open_records, reading
from records.deleted_tags import deleted_tags_table
from records.populations import record_tables
from records.settings import Settings

PURPOSE: Final[PurposeName] = "train"


INSTANT: Final = pl.Datetime("us", "UTC")


class NothingToLearnFrom(RuntimeError):
    """Training found no records it may use; says of what and why."""


@dataclass
class Ground:
    """The records and attribute histories of one kind of subject, and who let them be trained on."""

    kind: SubjectKind
    catalogue: Catalogue
    history: AttributeHistory
    on: dt.date
    """The last day whose records are here; consents count as they stand at its end."""
    raw: RecordTables
    consents: pl.DataFrame
    deleted: pl.DataFrame = field(default_factory=no_tags)
    """subject, tag: what subjects do not want anything of theirs to be shaped by."""
    _traits: dict[dt.date, pl.DataFrame] = field(default_factory=dict)
    _told: dict[dt.date, tuple[frozenset[str], pl.DataFrame]] = field(default_factory=dict)
    _watched: set[str] = field(default_factory=set)

    @classmethod
    def until(
        cls,
        kind: SubjectKind,
        catalogue: Catalogue,
        history: AttributeHistory,
        on: dt.date,
        records: RecordTables,
        consents: pl.DataFrame,
        deleted: pl.DataFrame | None = None,
    ) -> Ground:
        """The ground of a day from records that may reach beyond it."""
        tags = no_tags() if deleted is None else deleted
        return cls(kind, catalogue, history, on, _until(records, on), consents, tags)

    @property
    def at(self) -> dt.datetime:
        """The instant consents are judged at."""
        return end_of(self.on)

    @cached_property
    def records(self) -> MaskedRecordTables:
        """All records training may see."""
        return self.records_until(self.on)

    def records_until(self, day: dt.date) -> MaskedRecordTables:
        """The records as they stood at a day's end: what came later has not happened yet."""
        seen = mask_records(_until(self.raw, day), PURPOSE, self.consents, self.catalogue, self.at)
        return records_without_tags(seen, self.deleted, self.catalogue)

    @cached_property
    def first_day(self) -> dt.date:
        """The first day from which on what training may see is on record; before it nobody is observed."""
        told = (self.records.cases["opened_at"], self.records.interactions["at"])
        first = observed_from(pl.concat([times.cast(INSTANT).alias("at") for times in told]))
        if first is None:
            raise NothingToLearnFrom(
                f"no case and no interaction of any {self.kind} until {self.on} that may be learned from"
            )
        return first

    @property
    def subjects(self) -> pl.DataFrame:
        """subject: in id order."""
        own = self.raw.scope_items.filter(pl.col("scope") == Scope.SELF)
        return own.select(pl.col("owner").alias("subject")).sort("subject")

    def table(self, day: dt.date, scope: Scope = Scope.SELF) -> MaskedTable:
        """The attributes of all scope items of a kind as known at a day's end."""
        known = snapshot(self.history, self.kind, scope, day, self.raw.scope_items)
        seen = mask_table(known, PURPOSE, self.consents, self.catalogue, self.at)
        return table_without_tags(seen, self.deleted, self.catalogue)

    def traits(self, day: dt.date) -> pl.DataFrame:
        """`subject` and one column a named trait, as known at a day's end, in subject order (kept)."""
        if day not in self._traits:
            self._look(day)
        return self._traits[day]

    def attributes(self, day: dt.date, names: Collection[str]) -> pl.DataFrame:
        """`subject` and such of these attributes as are stored, as known at a day's end (kept)."""
        self._watched |= set(names)
        if day not in self._told or not set(names) <= self._told[day][0]:
            self._look(day)
        frame = self._told[day][1]
        return frame.select("subject", *sorted(set(names) & set(frame.columns)))

    def _look(self, day: dt.date) -> None:
        """Reads a day's snapshot once for all that is asked of it."""
        table = self.table(day)
        self._traits[day] = traits(table, self.catalogue, day).sort("subject")
        own = sorted(self._watched & set(table.frame.columns))
        self._told[day] = frozenset(self._watched), table.frame.select("subject", *own)

    def observed(
        self, cases: Iterable[str], evidence: Iterable[str] = (), attributes: Iterable[str] = ()
    ) -> pl.Series:
        """The subjects of whom such cases, papers and attributes would be seen if there were any."""
        cases, evidence, attributes = tuple(cases), tuple(evidence), tuple(attributes)
        needs = needs_for(self.catalogue, default_policy(), self.kind, PURPOSE)
        asked = [needs.cases[item] for item in cases if item in needs.cases]
        asked += [needs.evidence[type_] for type_ in evidence]
        asked += [needs.attributes[name] for name in attributes]
        seen = self._granting(frozenset[str]().union(*asked))
        unseen = deleting(self.deleted, self.catalogue, self.kind, cases, evidence, attributes)
        return seen.filter(~seen.is_in(unseen.implode()))

    def tags_deleted_by(self, subjects: pl.Series) -> dict[str, frozenset[str]]:
        """By subject, the tags deleted; who deleted none is left out."""
        own = self.deleted.filter(pl.col("subject").is_in(subjects.implode()))
        return {str(subject): frozenset(rows["tag"]) for (subject,), rows in own.group_by("subject")}

    def _granting(self, wanted: Needs) -> pl.Series:
        if not wanted:
            return self.subjects["subject"]
        pairs = granted_pairs(self.consents, PURPOSE, self.at).filter(pl.col("target").is_in(sorted(wanted)))
        full = pairs.group_by("subject").len().filter(pl.col("len") == len(wanted))
        return self.subjects.join(full, on="subject", how="semi")["subject"]


def read_grounds(settings: Settings, catalogue: Catalogue, on: dt.date) -> dict[SubjectKind, Ground]:
    """The ground of each kind of subject until a day, read from the records in one transaction."""
    history = AttributeHistory(settings.attributes_path, catalogue)
    engine = open_records(settings)
    try:
        with reading(engine) as connection:
            tables = {kind: record_tables(connection, kind) for kind in SubjectKind}
            consents = {kind: consents_table(connection, kind) for kind in SubjectKind}
            deleted = {kind: deleted_tags_table(connection, kind) for kind in SubjectKind}
    finally:
        engine.dispose()
    return {
        kind: Ground.until(kind, catalogue, history, on, tables[kind], consents[kind], deleted[kind])
        for kind in SubjectKind
    }


def _until(tables: RecordTables, day: dt.date) -> RecordTables:
    """The tables less what came after a day's end; a case closed later is still open."""
    end = end_of(day)
    open_still = pl.col("closed_at") > end
    cases = tables.cases.filter(pl.col("opened_at") <= end).with_columns(
        pl.when(open_still).then(pl.lit("open")).otherwise(pl.col("status")).alias("status"),
        pl.when(~open_still).then(pl.col("closed_at")).alias("closed_at"),
    )
    return replace(
        tables,
        cases=cases,
        evidence=tables.evidence.filter(pl.col("valid_from").is_null() | (pl.col("valid_from") <= day)),
        interactions=tables.interactions.filter(pl.col("at") <= end),
        consultations=tables.consultations.filter(pl.col("at") <= end),
        ratings=tables.ratings.filter(pl.col("at") <= end),
        relations=tables.relations.filter(pl.col("valid_from").is_null() | (pl.col("valid_from") <= day)),
    )
