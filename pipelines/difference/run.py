"""The difference of two scorings, told partition by partition; one that was broken off is gone on with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import polars as pl
from sqlalchemy import Engine

from catalog.catalogue import Catalogue
from pipelines.difference.changes import HAD
from pipelines.difference.part import read_part, renewals, tell_part
from pipelines.difference.reassess import Had, Reassessor, reassessor
from pipelines.score.standings_store import Standings, StandingsError, scorings
from records.database import open_records, reading, writing
from records.partitions import partition_of
from records.runs import (
    DifferenceRun,
    PartDone,
    begin_difference,
    broken_off,
    finish_difference,
    last_finished,
    note_part,
    parts_done,
    run_of,
)
from records.settings import Settings

Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class DifferenceReport:
    """What telling the difference came to."""

    to: str
    since: str | None
    done: PartDone
    """Over all partitions, those told by an earlier call among them."""
    now: int
    """Partitions told by this call."""


@dataclass(frozen=True)
class _Telling:
    settings: Settings
    catalogue: Catalogue
    engine: Engine
    at: dt.datetime
    progress: Progress

    @cached_property
    def _again(self) -> Reassessor:
        return reassessor(self.settings, self.catalogue, self.engine, lambda: self.at, lambda subject: None)

    def again(self, since: Standings | None) -> Reassessor:
        """Opened only where somebody must be judged afresh: the feature store takes seconds to open."""
        return replace(self._again, had=had_in(since))


def difference(
    settings: Settings,
    catalogue: Catalogue,
    at: dt.datetime,
    to: dt.date | None = None,
    since: dt.date | None = None,
    progress: Progress = lambda what, share: None,
) -> DifferenceReport:
    """Tell what changed up to a day (the last one scored) since what was told last (or since a day).

    What was broken off is finished first. Days on which nothing was told are caught up by themselves: what
    opened on them and is open still is in the last file, what closed again is not. Told twice, nothing is
    told. StandingsError where there is nothing to read, or where a later day was told and `since` is None.
    """
    engine = open_records(settings)
    telling = _Telling(settings, catalogue, engine, at, progress)
    try:
        target = _complete_on(settings, to)
        with reading(engine) as connection:
            halted = broken_off(connection)
        lost = halted is not None and not _is_there(settings, halted)
        if halted is not None and not lost and halted.to_standings != target.name:
            _tell(telling, halted)
        return _tell(telling, _begin(telling, target, since, lost=lost))
    finally:
        engine.dispose()


def latest_standings(settings: Settings) -> Standings | None:
    """The newest complete scoring; None where there is none."""
    complete = [each for each in scorings(settings.standings_path) if each.manifest is not None]
    return complete[-1] if complete else None


def had_in(standings: Standings | None) -> Had:
    """Whom the city run found to have what, for those who are judged one by one since."""

    def had(subject: str) -> frozenset[tuple[str, str]] | None:
        manifest = None if standings is None else standings.manifest
        if standings is None or manifest is None:
            return None
        of = manifest.begun.partitions
        mine = standings.of_subject(subject, int(partition_of(pl.Series([subject]), of)[0]))
        if mine.is_empty():
            return None
        rows = mine.filter(pl.col("standing").is_in([each.value for each in HAD]))
        return frozenset(rows.select("scope_item", "item").iter_rows())

    return had


def _begin(telling: _Telling, target: Standings, since: dt.date | None, *, lost: bool) -> DifferenceRun:
    """What to tell of, since what: where the files of what was told are lost, everything is gone through."""
    manifest = target.manifest
    if manifest is None:
        raise StandingsError(f"{target.name} is not complete")
    with writing(telling.engine) as connection:
        known = run_of(connection, target.name)
        if known is not None:
            return known
        before = None if since is None else _complete_on(telling.settings, since).name
        last = last_finished(connection)
        if since is None and last is not None and target.on < last.on:
            raise StandingsError(_backwards(target.on, last.on))
        if since is None and last is not None and not lost and _is_there(telling.settings, last):
            before = last.to_standings
        partitions = manifest.begun.partitions
        version = manifest.begun.catalogue_version
        return begin_difference(connection, target.name, before, target.on, partitions, version, telling.at)


def _backwards(on: dt.date, last: dt.date) -> str:
    return (
        f"{last} was told already: told of {on} now, what became due since would be closed as untrue. "
        f"Tell of a day from {last} on, or name the day to compare with: "
        f"`qianmian difference --from {last} --to {on}`"
    )


def _tell(telling: _Telling, run: DifferenceRun) -> DifferenceReport:
    folder = telling.settings.standings_path
    to = Standings(folder / run.to_standings)
    since = None if run.from_standings is None else Standings(folder / run.from_standings)
    if since is not None and since.manifest is None:
        since = None
    with reading(telling.engine) as connection:
        done = parts_done(connection, run.id)
    now = 0
    for partition in range(run.partitions):
        if partition not in done:
            done[partition] = _tell_part(telling, run, to, since, partition)
            now += 1
        telling.progress(f"partition {partition + 1} of {run.partitions}", (partition + 1) / run.partitions)
    with writing(telling.engine) as connection:
        finish_difference(connection, run.id, telling.at)
    total = PartDone()
    for each in done.values():
        total = total.plus(each)
    return DifferenceReport(run.to_standings, run.from_standings, total, now)


def _tell_part(
    telling: _Telling, run: DifferenceRun, to: Standings, since: Standings | None, partition: int
) -> PartDone:
    with reading(telling.engine) as connection:
        part = read_part(connection, telling.catalogue, to, since, partition, run.partitions)
        again = telling.again(since) if part.afresh or part.firms else None
        packages, failed = (
            ((), 0) if again is None else renewals(connection, part, again.renewer, telling.at, run.on)
        )
    with writing(telling.engine) as connection:
        if partition in parts_done(connection, run.id):
            return parts_done(connection, run.id)[partition]
        done = tell_part(connection, part, again, packages, telling.at, run.on)
        done = done.plus(PartDone(left_aside=failed))
        note_part(connection, run.id, partition, done, telling.at)
    return done


def _is_there(settings: Settings, run: DifferenceRun) -> bool:
    return Standings(settings.standings_path / run.to_standings).manifest is not None


def _complete_on(settings: Settings, on: dt.date | None) -> Standings:
    complete = [each for each in scorings(settings.standings_path) if each.manifest is not None]
    of_day = [each for each in complete if on is None or each.on == on]
    if not of_day:
        which = "any day" if on is None else str(on)
        raise StandingsError(f"the city is not scored for {which}: run `qianmian score` first")
    return of_day[-1]
