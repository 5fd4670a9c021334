"""Build a synthetic city: the tables an operator would hand over, and the truth apart."""

from __future__ import annotations

import calendar
import datetime as dt
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec
import numpy as np

from catalog.catalogue import Catalogue
from catalog.vocabulary import SubjectKind
from pipelines.city.block import WARM_UP, Block, Setting
from pipelines.city.life import Month
from pipelines.city.population import populate
from pipelines.city.relations import adults_of, business_relations
from pipelines.city.showcase import Shown, join_showcase, showcases, shown
from pipelines.city.simulation import Simulation
from pipelines.city.tables import TableWriter
from pipelines.city.world import World, months_before
from pipelines.city.world_check import check_world

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
) -> CityReport:
    """Simulate a world up to and including `as_of`, and write tables, truth and manifest under `out`.

    The same world, catalogue, seed and day give the same bytes in every table. Raises WorldError if
    the world does not fit the catalogue. Whatever was under `out` before is replaced.
    """
    check_world(world, catalogue)
    started = time.perf_counter()
    setting = Setting(world, catalogue, seed, months_before(as_of, world.months_history - 1), as_of)
    if out.exists():
        shutil.rmtree(out)
    out.mkdir(parents=True)
    writer = TableWriter(out)
    tell = progress or (lambda step, done, total: None)
    curated: list[Shown] = []
    adults = [np.zeros(0, dtype=np.int64)]
    for kind, total in ((SubjectKind.CITIZEN, world.citizens), (SubjectKind.ENTERPRISE, world.enterprises)):
        plain = total - len(showcases(setting, kind))
        curated += shown(setting, kind, plain)
        for block in _blocks(setting, kind, plain):
            tell(str(kind), block.first_index, total)
            _live(block, writer)
            adults.append(adults_of(block) if kind is SubjectKind.CITIZEN else adults[0])
        tell(str(kind), total, total)
    writer.write("relations", business_relations(setting, world.enterprises, np.concatenate(adults)))
    writer.close()
    report = CityReport(
        out, world.world, world.hash, seed, catalogue.version, as_of, world.months_history,
        dict(sorted(writer.rows.items())), tuple(curated), time.perf_counter() - started,
    )  # fmt: skip
    _manifest(report, world)
    return report


def _blocks(setting: Setting, kind: SubjectKind, total: int) -> Iterator[Block]:
    """Blocks of ordinary subjects; the curated ones join the last."""
    size = setting.world.block
    firsts = range(0, max(total, 1), size)
    for number, first in enumerate(firsts):
        block = populate(setting, kind, number, first, min(size, total - first))
        if number == len(firsts) - 1:
            join_showcase(block)
        if block.subjects.rows:
            yield block


def _live(block: Block, writer: TableWriter) -> None:
    simulation = Simulation.of(block)
    for month in months(block.setting):
        simulation.step(month)
    simulation.write(writer)


def months(setting: Setting) -> list[Month]:
    """The months of the warm-up (numbered below zero) and of the log."""
    history = setting.world.months_history
    firsts = [(n, months_before(setting.log_from, -n)) for n in range(-WARM_UP, history)]
    return [
        Month(n, first, first.replace(day=calendar.monthrange(first.year, first.month)[1]))
        for n, first in firsts
    ]


def _manifest(report: CityReport, world: World) -> None:
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
    (report.out / "manifest.json").write_bytes(text + b"\n")
