"""Tries faults one after another on one stage, and tells of each whether it held."""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from benchmarks.faults import (
    clocks,
    delivering,
    files,
    handed_in,
    learned_models,
    online_store,
    record_store,
    rush,
    sources,
)
from benchmarks.faults.learned_models import citizens_items, put_champion
from benchmarks.faults.register import FAULTS, Fault
from benchmarks.faults.spare import start_spare
from benchmarks.faults.stage import Stage, open_stage, wall

MODULES = (clocks, delivering, files, handed_in, learned_models, online_store, record_store, rush, sources)
"""Whose faults there are; importing a module declares them."""
ON_SPARE = frozenset({5, 16, 20})
"""The faults that need the other server."""


def try_all(folder: Path, quick: bool, numbers: Sequence[int]) -> list[int]:
    """The numbers of the faults that held."""
    began = time.monotonic()
    with open_stage(folder, quick) as stage:
        begin(stage, spare=not ON_SPARE.isdisjoint(numbers))
        sys.stderr.write(f"the stage is set after {time.monotonic() - began:.0f} s\n")
        return [number for number in numbers if _holds(stage, FAULTS[number], quick)]


def begin(stage: Stage, *, spare: bool = False) -> None:
    """Start our processes, with a champion in place; and the other server, which is not awaited."""
    put_champion(stage.settings.models_path, citizens_items(stage), wall().date())
    stage.server.start(wait=False)
    stage.worker.start()
    stage.deliverer.start()
    if spare:
        registry = stage.environment["QIANMIAN_MLFLOW_URI"]
        stage.started_spare = start_spare(stage.folder, stage.catalogue, registry)
    stage.server.await_port()
    stage.well()


def _holds(stage: Stage, one: Fault, quick: bool) -> bool:
    began = time.monotonic()
    try:
        one.check(stage, quick)
    except Exception as error:
        # Whatever a fault brings down, the others are still to be tried.
        place = traceback.extract_tb(error.__traceback__)[-1]
        told = f"{type(error).__name__}: {str(error)[:600]} ({Path(place.filename).name}:{place.lineno})"
        sys.stderr.write(f"FAULT {one.number:2} {one.name}: {told}\n")
        errors = [line for line in stage.server.log().splitlines() if '"level": "error"' in line]
        sys.stderr.write("".join(f"    {line[:300]}\n" for line in errors[-3:]))
        _recover(stage)
        return False
    sys.stderr.write(f"held  {one.number:2} {one.name} ({time.monotonic() - began:.1f} s)\n")
    return True


def _recover(stage: Stage) -> None:
    """Put up again what a fault that did not hold left lying."""
    stage.proxy.turn("open")
    for child in (stage.valkey, stage.server, stage.worker, stage.deliverer):
        if not child.alive:
            child.start()
    try:
        stage.restart_database()
        stage.well(90)
    except Exception as error:
        sys.stderr.write(f"  not well afterwards: {type(error).__name__}: {error}\n")
