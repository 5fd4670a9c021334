"""Takes in one file: all of what is good in it, or, if it breaks, nothing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import polars as pl
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from catalog.catalogue import Catalogue
from pipelines.ingest.attribute_store import held_statements, register_folder, with_presence
from pipelines.ingest.batches import earlier_batch
from pipelines.ingest.casting import cast_rows, may_be_cut_off
from pipelines.ingest.contract import Contract
from pipelines.ingest.duplicates import Sorted, against_held, distinct_rows
from pipelines.ingest.masks import Masks
from pipelines.ingest.reading import ROW, RawTable, hash_of, read_file
from pipelines.ingest.record_store import held_rows
from pipelines.ingest.references import Known, check_references, consent_targets
from pipelines.ingest.report import FileRefused, FileReport
from pipelines.ingest.row_checks import check_rows
from pipelines.ingest.settling import Judged, settle, settled
from pipelines.ingest.sources import SourceFile
from pipelines.ingest.wording import file_fault
from privacy.policy_file import default_policy
from records.database import reading, writing
from records.erasure.returned import NAMING, Erased
from records.settings import Settings


@dataclass(frozen=True, slots=True)
class Door:
    """What every file of one ingest is taken in with."""

    settings: Settings
    engine: Engine
    catalogue: Catalogue
    at: dt.datetime
    erased: Erased | None = None
    """Who was erased before, where anybody was."""
    returned: set[str] = field(default_factory=set)
    """Ids of such, that came in all the same: they are to be erased again."""

    def take(self, file: SourceFile, contract: Contract) -> FileReport:
        """Take the file in; FileRefused leaves everything as it was."""
        before = self._whole_before(file)
        if before is not None:
            return before
        raw = read_file(file)
        masks = Masks()
        typed = cast_rows(raw.frame, contract, masks)
        _refuse_cut_off(file, raw, typed, contract)
        self._look_for_erased(typed, contract)
        targets = consent_targets(self.catalogue, default_policy())
        check_rows(raw.frame, typed, contract, targets, self.at, masks)
        try:
            with settled() as made, writing(self.engine) as connection:
                result = self._judge(connection, typed, contract, masks)
                judged = Judged(file, contract, raw, masks, result)
                return settle(connection, judged, self.settings, self.catalogue.version, self.at, made)
        except IntegrityError as fault:
            raise FileRefused(file_fault(file.name, "changed_meanwhile")) from fault

    def _whole_before(self, file: SourceFile) -> FileReport | None:
        """The report on a file that came in whole before: nothing changes."""
        with reading(self.engine) as connection:
            before = earlier_batch(connection, hash_of(file.path, file.table))
        if before is None or before.quarantined:
            return None
        return FileReport(file.name, file.table, before.read, 0, 0, before.read)

    def _look_for_erased(self, typed: pl.DataFrame, contract: Contract) -> None:
        if self.erased is None:
            return
        own = ("id",) if contract.table in ("subjects", "scope_items") else ()
        for column in (*own, *NAMING):
            if column in typed.columns:
                self.returned.update(self.erased.among(typed[column].drop_nulls().unique()))

    def _judge(self, connection: Connection, typed: pl.DataFrame, contract: Contract, masks: Masks) -> Sorted:
        """Against what else is known; rows found wrong are masked."""
        check_references(typed, contract, Known(connection, self.catalogue), masks)
        good = typed.filter(~masks.any(typed.height))
        if contract.into is None:
            distinct = distinct_rows(with_presence(good, contract), contract, masks, typed[ROW])
            folder = register_folder(self.settings.attributes_path, contract.table)
            held = held_statements(folder, contract, distinct)
        else:
            distinct = distinct_rows(good, contract, masks, typed[ROW])
            held = held_rows(connection, contract, distinct)
        return against_held(distinct, held, contract, masks, typed[ROW])


def _refuse_cut_off(file: SourceFile, raw: RawTable, typed: pl.DataFrame, contract: Contract) -> None:
    """FileRefused for a file that ends within what may be half a value."""
    last = [column for column in contract.columns if column.name == raw.ends_in]
    if last and not typed.is_empty() and may_be_cut_off(typed, last[0]):
        raise FileRefused(file_fault(file.name, "cut_off"))
