"""A city in parts: each block lives by itself, so several can at once, on one machine's cores."""

from __future__ import annotations

import calendar
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from catalog.vocabulary import SubjectKind
from pipelines.city.block import WARM_UP, Block, Setting
from pipelines.city.life import Month
from pipelines.city.population import populate
from pipelines.city.randomness import Ints
from pipelines.city.relations import adults_of
from pipelines.city.showcase import join_showcase
from pipelines.city.simulation import Simulation
from pipelines.city.tables import TableWriter
from pipelines.city.world import months_before


@dataclass(frozen=True, slots=True)
class Part:
    """Some ordinary subjects of a kind; the curated ones join the last part."""

    kind: SubjectKind
    number: int
    first: int
    count: int
    last: bool


@dataclass(frozen=True, slots=True)
class Lived:
    """What is left of a part once it has been lived: how far it reaches, and who is of age."""

    part: Part
    adults: Ints


def parts_of(setting: Setting, kind: SubjectKind, total: int) -> list[Part]:
    """The parts of a kind's `total` ordinary subjects."""
    size = setting.world.block
    firsts = range(0, max(total, 1), size)
    return [
        Part(kind, number, first, max(min(size, total - first), 0), number == len(firsts) - 1)
        for number, first in enumerate(firsts)
    ]


def live_all(setting: Setting, parts: list[Part], writer: TableWriter, workers: int) -> Iterator[Lived]:
    """Live every part and write it, in order; with more workers, several parts at a time."""
    if workers <= 1 or len(parts) == 1:
        for part in parts:
            yield Lived(part, live(setting, part, writer))
        return
    folders = [writer.out / ".parts" / f"{part.kind}-{part.number}" for part in parts]
    # A forked child would share Polars' locked thread pool: start each afresh.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        running = [pool.submit(_live_apart, setting, *job) for job in zip(parts, folders, strict=True)]
        for part, folder, future in zip(parts, folders, running, strict=True):
            adults = future.result()
            writer.absorb(folder)
            yield Lived(part, adults)


def _live_apart(setting: Setting, part: Part, folder: Path) -> Ints:
    writer = TableWriter(folder)
    adults = live(setting, part, writer)
    writer.close()
    return adults


def live(setting: Setting, part: Part, writer: TableWriter) -> Ints:
    """Live one part from its first day to its last and write its tables; returns its adults."""
    block = populate(setting, part.kind, part.number, part.first, part.count)
    if part.last:
        join_showcase(block)
    if block.subjects.rows:
        simulation = Simulation.of(block)
        for month in months(setting):
            simulation.step(month)
        simulation.write(writer)
    return _adults(block)


def _adults(block: Block) -> Ints:
    return adults_of(block) if block.kind is SubjectKind.CITIZEN else block.household[:0]


def months(setting: Setting) -> list[Month]:
    """The months of the warm-up (numbered below zero) and of the log."""
    history = setting.world.months_history
    firsts = [(n, months_before(setting.log_from, -n)) for n in range(-WARM_UP, history)]
    return [
        Month(n, first, first.replace(day=calendar.monthrange(first.year, first.month)[1]))
        for n, first in firsts
    ]
