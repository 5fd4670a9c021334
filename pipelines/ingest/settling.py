"""Writes down what became of a file: good rows, quarantine and the batch, all of it or nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection

from pipelines.ingest.attribute_store import publish, register_folder, stage_statements
from pipelines.ingest.batches import earlier_batch, enter_batch, next_batch
from pipelines.ingest.births import note_minors
from pipelines.ingest.contract import Contract
from pipelines.ingest.departing import note_departed
from pipelines.ingest.duplicates import Sorted
from pipelines.ingest.masks import Masks
from pipelines.ingest.quarantine import reason_counts, rejected_rows, write_quarantine
from pipelines.ingest.reading import RawTable
from pipelines.ingest.record_store import load_rows
from pipelines.ingest.report import FileReport
from pipelines.ingest.sources import SourceFile
from pipelines.ingest.structure import left_out
from pipelines.ingest.touched import note_touched
from records.settings import Settings
from records.subjects import hold_subjects


@dataclass(frozen=True, slots=True)
class Judged:
    """A file whose every row has been judged."""

    file: SourceFile
    contract: Contract
    raw: RawTable
    masks: Masks
    rows: Sorted

    def report(self) -> FileReport:
        """The counts; a row is accepted, quarantined, or says what is known already."""
        torn = self.raw.misfits.height
        read = self.raw.frame.height + torn
        quarantined = int(self.masks.any(self.raw.frame.height).sum()) + torn
        accepted = self.rows.new.height + self.rows.changed.height
        return FileReport(
            file=self.file.name,
            table=self.file.table,
            read=read,
            accepted=accepted,
            quarantined=quarantined,
            unchanged=read - quarantined - accepted,
            reasons=reason_counts(self.raw, self.masks),
            left_out=left_out(self.raw.frame.columns, self.contract),
            encoding=self.raw.encoding,
        )


@contextmanager
def settled() -> Iterator[list[Path]]:
    """Files that are made within; if the block fails, they are unmade."""
    made: list[Path] = []
    try:
        yield made
    except BaseException:
        for path in made:
            path.unlink(missing_ok=True)
        raise


def settle(
    connection: Connection,
    judged: Judged,
    settings: Settings,
    catalogue_version: str,
    at: dt.datetime,
    made: list[Path],
) -> FileReport:
    """Write it all within the caller's transaction; files made are noted in `made`."""
    report = judged.report()
    content_hash = judged.raw.content_hash
    before = earlier_batch(connection, content_hash)
    if before and before.quarantine and not report.accepted and before.quarantined == report.quarantined:
        return replace(report, quarantine=settings.quarantine_path / before.quarantine)
    batch = next_batch(connection, content_hash)
    if report.quarantined:
        path = settings.quarantine_path / batch / f"{judged.contract.table}.csv"
        made.append(path)
        write_quarantine(rejected_rows(judged.raw, judged.masks), path)
        report = replace(report, quarantine=path)
    enter_batch(connection, batch, content_hash, report, catalogue_version, at, settings.quarantine_path)
    folder = None
    if judged.contract.table == "consents":
        # What a file takes back is not taken back while somebody writes what rests on it.
        hold_subjects(connection, judged.rows.changed["subject"].to_list())
    if judged.contract.into is not None:
        load_rows(connection, judged.contract, judged.rows, at)
    elif not judged.rows.new.is_empty():
        folder = register_folder(settings.attributes_path, judged.contract.table)
        target = folder / f"{batch}.parquet"
        staged = stage_statements(judged.rows.new, judged.contract, target)
        made.extend([staged, target])
        publish(staged, target)
    note_touched(connection, judged.contract, judged.rows)
    note_departed(connection, judged.contract, judged.rows, folder, at)
    note_minors(connection, judged.contract, judged.rows, folder, at)
    return report
