# ruff: noqa: S101 - what must hold under a fault is asserted, as in a test
"""Fault 15, and what of 11 and 13 comes by file: batches cut short, sent again, with rows that are wrong."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from typing import Final

import polars as pl
from sqlalchemy import func, select

from benchmarks.faults.processes import ours, until
from benchmarks.faults.register import fault
from benchmarks.faults.stage import Stage, wall
from pipelines.ingest import IngestRefused, ingest
from pipelines.ingest.report import IngestReport
from records.database import engine_for, migrate, reading
from records.settings import Settings
from records.tables import subject

PEOPLE: Final = ("f-1", "f-2")
KILLED_ROWS: Final = 400_000
"""So many that they are being written for a second or two."""


def home_of(stage: Stage) -> Settings:
    """Records of their own, for files to be taken into."""
    url = f"sqlite:///{stage.folder / 'files.db'}"
    return stage.settings.model_copy(update={"home": stage.folder / "files", "records_url": url})


def take_in(stage: Stage, name: str, lines: Sequence[str], encoding: str = "utf-8") -> IngestReport:
    """Take in a file of a table, beside the people it may be about."""
    drop = stage.folder / f"drop-{name}-{encoding}"
    drop.mkdir(exist_ok=True)
    rows = [f"{who},citizen" for who in PEOPLE]
    (drop / "subjects.csv").write_text("\n".join(["subject,kind", *rows]) + "\n", "utf-8")
    (drop / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding)
    return ingest(drop, home_of(stage), stage.catalogue, wall())


def acts(*each: str) -> list[str]:
    """A file of interactions: of each its id, subject, kind and time, as `id subject kind time`."""
    names = "client_id,subject,kind,at,scope_item,item,channel,query,slate,position,propensity"
    return [names, *(",".join(one.split(" ")) + ",,,online,,,," for one in each)]


def clicks(number: int, kind: str = "click") -> list[str]:
    """So many interactions of two people."""
    return acts(*(f"file-{n} {PEOPLE[n % len(PEOPLE)]} {kind} 2026-03-01T08:00:00Z" for n in range(number)))


def replayed(stage: Stage) -> None:
    """A whole file again changes nothing; the same ids with another body are kept apart."""
    first = take_in(stage, "interactions", clicks(50)).files[-1]
    again = take_in(stage, "interactions", clicks(50)).files[-1]
    assert (first.accepted, again.accepted, again.unchanged) == (50, 0, 50), (first, again)
    other = take_in(stage, "interactions", clicks(50, "view")).files[-1]
    assert (other.accepted, other.quarantined) == (0, 50), other


def partly_wrong(stage: Stage) -> None:
    """Rows that are wrong go to quarantine with their reasons; the rest of the batch goes on, in GBK too."""
    good = [f"row-{n} f-1 click 2026-03-01T08:00:00Z" for n in range(3)]
    wrong = [
        "row-3 f-1 conjure 2026-03-01T08:00:00Z",
        "row-4 f-1 click 0001-01-01T00:00:00Z",
        "row-5  click 2026-03-01T08:00:00Z",
        "row-6 f-nobody click 2026-03-01T08:00:00Z",
        "row-7 f-1 click yesterday",
    ]
    report = take_in(stage, "interactions", acts(*good, *wrong)).files[-1]
    assert (report.accepted, report.quarantined) == (len(good), len(wrong)), report
    assert report.quarantine is not None and report.quarantine.exists() and report.reasons
    named = take_in(stage, "scope_items", ["id,scope,owner,label", "f-car,vehicle,f-1,京A12345"], "gbk")
    assert (named.files[-1].accepted, named.files[-1].encoding) == (1, "GBK"), named.files[-1]


@fault(
    15, "Half-written batch", "a file cut at a random byte; in full also SIGKILL while a batch is taken in"
)
def half_written(stage: Stage, quick: bool) -> None:
    """Nothing of a broken file is taken in; a batch that was broken off ends the same when sent again."""
    home = home_of(stage)
    rows = [f"h-{n},citizen" for n in range(2_000)]
    drop = stage.folder / "drop"
    drop.mkdir(exist_ok=True)
    (drop / "subjects.csv").write_text("\n".join(["subject,kind", *rows]) + "\n", "utf-8")
    ingest(drop, home, stage.catalogue, wall())
    before = _subjects(home.records_url)
    assert before >= len(rows)
    broken = stage.folder / "broken"
    broken.mkdir(exist_ok=True)
    pl.DataFrame({"subject": ["x-1"], "kind": ["citizen"]}).write_parquet(broken / "subjects.parquet")
    content = (broken / "subjects.parquet").read_bytes()
    end = random.Random(3).randrange(8, len(content))  # noqa: S311 - a place to cut, no secret
    (broken / "subjects.parquet").write_bytes(content[:end])
    try:
        report = ingest(broken, home, stage.catalogue, wall())
        assert report.refused, "a file cut short was taken in"
    except IngestRefused as refused:
        assert refused.report.refused
    assert _subjects(home.records_url) == before
    if not quick:
        _killed_half_way(stage)


def _killed_half_way(stage: Stage) -> None:
    """`qianmian ingest` killed at three points while it takes rows in, then let through: each row once."""
    folder, home = stage.folder / "killed-drop", stage.folder / "killed"
    folder.mkdir()
    lines = ["subject,kind", *(f"k-{n},citizen" for n in range(KILLED_ROWS))]
    (folder / "subjects.csv").write_text("\n".join(lines) + "\n", "utf-8")
    catalogue = home / "catalogue" / "catalogue.msgpack"
    catalogue.parent.mkdir(parents=True)
    catalogue.write_bytes(stage.settings.catalogue_path.read_bytes())
    taking = ours("ingest", ["ingest", str(folder)], stage.folder, {"QIANMIAN_HOME": str(home)})
    url, chance = f"sqlite:///{home / 'records.db'}", random.Random(5)  # noqa: S311 - moments, no secret
    log = home / "records.db-wal"  # there while somebody has the records open
    visible: list[int] = []
    for _ in range(3):
        taking.start()
        until(lambda: not taking.alive or log.exists(), "the batch being taken in", 120)
        time.sleep(chance.uniform(0.0, 0.4))  # a quick machine has the batch whole within a second
        taking.kill()
        migrate(url)
        visible.append(_subjects(url))
    assert set(visible) <= {0, KILLED_ROWS}, f"a part of a batch is visible: {visible}"
    assert 0 in visible, "never killed before the batch was whole: not injected"
    taking.start()
    until(lambda: not taking.alive, "the end of the batch", 300)
    assert _subjects(url) == KILLED_ROWS


def _subjects(url: str) -> int:
    engine = engine_for(url)
    with reading(engine) as connection:
        count = connection.execute(select(func.count()).select_from(subject)).scalar_one()
    engine.dispose()
    return int(count)
