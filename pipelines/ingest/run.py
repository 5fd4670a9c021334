"""The operator's door: a folder or a file of tables, checked in bulk and taken in file by file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import Engine

from catalog.catalogue import Catalogue
from pipelines.ingest.attribute_contract import attribute_contracts
from pipelines.ingest.contract import Contract, record_contracts
from pipelines.ingest.intake import Door
from pipelines.ingest.record_store import complete_scope_items
from pipelines.ingest.report import FileFault, FileRefused, FileReport, IngestRefused, IngestReport
from pipelines.ingest.sources import SourceFile, find_files
from pipelines.ingest.structure import structure_faults
from pipelines.ingest.wording import file_fault
from records.database import open_records, writing
from records.erasure import ErasureLog, erased_by, erasing_for, replay
from records.keys import Secrets, open_secrets
from records.settings import Settings

Progress = Callable[[str, float], None]
"""Called with the file being taken in, and the share (0 to 1) of all that is done."""
_WHO = frozenset({"subjects", "scope_items"})


def ingest(
    source: Path,
    settings: Settings,
    catalogue: Catalogue,
    at: dt.datetime,
    progress: Progress = lambda _what, _share: None,
) -> IngestReport:
    """Take in every table at the source (a folder or one file); `at` is the moment of ingest.

    Each file goes in whole or, if it is refused, not at all; its bad rows go to quarantine. When a
    file is refused, IngestRefused is raised after all others went in, except those that refer to it.
    Who was erased before and is in the tables all the same is erased again before it ends.
    """
    contracts = contracts_for(catalogue)
    delivery = find_files(source, tuple(contracts))
    faults = list(delivery.faults)
    refused: set[str] = set()
    derived = [a.name for a in catalogue.attributes.values() if a.derived is not None]
    for file in delivery.files:
        wrong = structure_faults(file, contracts[file.table], derived)
        faults += wrong
        refused |= {file.table} if wrong else set()
    engine = open_records(settings)
    try:
        secrets = _secrets_if_needed(settings)
        erased = None if secrets is None else erased_by(ErasureLog(settings.erasure_log_path), secrets)
        run = _Run(Door(settings, engine, catalogue, at, erased), contracts, faults, refused)
        reports = list(run.files(delivery.files, progress))
        again = 0 if secrets is None else _erase_again(settings, engine, secrets, run.door.returned)
    finally:
        engine.dispose()
    report = IngestReport(tuple(reports), tuple(run.faults), delivery.ignored, run.completed, again)
    if report.refused:
        raise IngestRefused(report)
    return report


def _secrets_if_needed(settings: Settings) -> Secrets | None:
    """The secrets, where anybody was ever erased: their keys alone tell who."""
    return open_secrets(settings) if settings.erasure_log_path.exists() else None


def _erase_again(settings: Settings, engine: Engine, secrets: Secrets, returned: set[str]) -> int:
    """Erase again who came back with a delivery; how many there were."""
    if not returned:
        return 0
    erasing = erasing_for(settings, engine, secrets)
    return len(replay(erasing, role="system", actor="ingest", among=returned))


def contracts_for(catalogue: Catalogue) -> dict[str, Contract]:
    """Every table that can be ingested, by name, in the order they go in."""
    return {**record_contracts(), **attribute_contracts(catalogue)}


class _Run:
    """One ingest under way."""

    def __init__(
        self, door: Door, contracts: dict[str, Contract], faults: list[FileFault], refused: set[str]
    ) -> None:
        self.door, self.contracts, self.faults, self.refused = door, contracts, faults, refused
        self.completed = 0

    def files(self, files: tuple[SourceFile, ...], progress: Progress) -> Iterator[FileReport]:
        """The files in their order; those that cannot go in become faults."""
        at_fault = {fault.file for fault in self.faults}
        whole = sum(file.path.stat().st_size for file in files) or 1
        done = 0
        complete = False
        for file in files:
            progress(file.name, done / whole)
            if file.table not in _WHO and not complete:
                complete = self._complete()
            if file.name not in at_fault:
                yield from self._one(file)
            done += file.path.stat().st_size
        if not complete:
            self._complete()
        progress("", 1.0)

    def _one(self, file: SourceFile) -> Iterator[FileReport]:
        contract = self.contracts[file.table]
        waits_for = contract.references & self.refused
        try:
            if waits_for:
                raise FileRefused(file_fault(file.name, "held_back", ", ".join(sorted(waits_for))))
            yield self.door.take(file, contract)
        except FileRefused as refusal:
            self.faults += refusal.faults
            self.refused.add(file.table)

    def _complete(self) -> bool:
        """Each subject has a scope item of its own, whether or not a file says so."""
        if not self.refused & _WHO:
            with writing(self.door.engine) as connection:
                self.completed = complete_scope_items(connection)
        return True
