"""Build a synthetic city: the tables an operator would hand over, and the truth apart."""

from __future__ import annotations

import datetime as dt
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec
import numpy as np

from catalog.catalogue import Catalogue
from catalog.vocabulary import SubjectKind
from pipelines.city.block import Setting
from pipelines.city.parts import live_all, parts_of
from pipelines.city.relations import business_relations
from pipelines.city.showcase import Shown, showcases, shown
from pipelines.city.tables import TableWriter
from pipelines.city.world import World, months_before
from pipelines.city.world_check import check_world

MANIFEST = "manifest.json"
Progress = Callable[[str, int, int], None]
"""Told a step's name, how many subjects are done, and of how many."""


@dataclass(frozen=True, slots=True)
class CityReport:
    """What was built, and how long it took."""

    out: Path
    world: str
    world_hash: str
    seed: int
    catalogue_version: str
    as_of: dt.date
    months: int
    rows: Mapping[str, int]
    showcase: tuple[Shown, ...]
    seconds: float


def build(
    world: World,
    catalogue: Catalogue,
    seed: int,
    as_of: dt.date,
    out: Path,
    progress: Progress | None = None,
    workers: int = 1,
) -> CityReport:
    """Simulate a world up to and including `as_of`, and write tables, truth and manifest under `out`.

    The same world, catalogue, seed and day give the same tables, however many `workers` (processes)
    share the blocks. A city that was under `out` before is replaced, once the new one is whole.
    Raises WorldError if the world does not fit the catalogue, FileExistsError if `out` holds
    something else.
    """
    check_world(world, catalogue)
    _refuse_what_is_no_city(out)
    started = time.perf_counter()
    setting = Setting(world, catalogue, seed, months_before(as_of, world.months_history - 1), as_of)
    making = out.with_name(f"{out.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    writer = TableWriter(making)
    curated = _live(setting, writer, progress or (lambda step, done, total: None), workers)
    writer.close()
    report = CityReport(
        out, world.world, world.hash, seed, catalogue.version, as_of, world.months_history,
        dict(sorted(writer.rows.items())), curated, time.perf_counter() - started,
    )  # fmt: skip
    _manifest(report, world, making)
    shutil.rmtree(out, ignore_errors=True)
    making.rename(out)
    return report


def _live(setting: Setting, writer: TableWriter, tell: Progress, workers: int) -> tuple[Shown, ...]:
    """Live citizens, then enterprises, then tie them; returns the curated subjects."""
    world = setting.world
    curated: list[Shown] = []
    adults = [np.zeros(0, dtype=np.int64)]
    for kind, total in ((SubjectKind.CITIZEN, world.citizens), (SubjectKind.ENTERPRISE, world.enterprises)):
        plain = total - len(showcases(setting, kind))
        curated += shown(setting, kind, plain)
        tell(str(kind), 0, total)
        for lived in live_all(setting, parts_of(setting, kind, plain), writer, workers):
            adults.append(lived.adults)
            tell(str(kind), lived.part.first + lived.part.count, total)
        tell(str(kind), total, total)
    shutil.rmtree(writer.out / ".parts", ignore_errors=True)
    writer.write("relations", business_relations(setting, world.enterprises, np.concatenate(adults)))
    return tuple(curated)


def _refuse_what_is_no_city(out: Path) -> None:
    if out.exists() and not (out / MANIFEST).is_file() and any(out.iterdir()):
        raise FileExistsError(f"{out} holds something that is no sample city; name another folder")


def _manifest(report: CityReport, world: World, folder: Path) -> None:
    content = {
        "synthetic": True,
        "world": report.world,
        "world_hash": report.world_hash,
        "seed": report.seed,
        "catalogue_version": report.catalogue_version,
        "as_of": report.as_of,
        "months": report.months,
        "rows": report.rows,
        "showcase": [asdict(each) | {"title": each.title} for each in report.showcase],
        "statistics": world.statistics,
    }
    text = msgspec.json.format(msgspec.json.encode(content), indent=2)
    (folder / MANIFEST).write_bytes(text + b"\n")
