"""A second server, embedded: no model was ever there, and its catalogue was damaged since it served last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.faults.processes import Child, free_port, ours
from benchmarks.faults.town import build_town
from benchmarks.faults.visitor import Program
from catalog.catalogue import Catalogue
from records.last_good import keep_catalogue
from serving.settings import ServingSettings

CITIZENS = 4


@dataclass(frozen=True)
class Spare:
    """Its settings and its process; await its port before asking it."""

    settings: ServingSettings
    server: Child

    def troubles(self) -> set[str]:
        """What it says is amiss, as soon as it answers."""
        self.server.await_port()
        program = Program(self.settings)
        try:
            return program.troubles()
        finally:
            program.close()


def start_spare(folder: Path, known: Catalogue, registry: str) -> Spare:
    """Build its town and start it; the address of the model registry leads nowhere."""
    from benchmarks.faults.stage import wall

    port = free_port()
    settings = ServingSettings(home=folder / "spare", port=port)
    build_town(settings, wall(), citizens=CITIZENS, known=known)
    keep_catalogue(known, settings.catalogue_path)
    good = settings.catalogue_path.read_bytes()
    settings.catalogue_path.write_bytes(good[: len(good) // 2])
    environment: Mapping[str, str] = {
        "QIANMIAN_HOME": str(settings.home),
        "QIANMIAN_PORT": str(port),
        "QIANMIAN_RATE_LIMIT_FACTOR": "10000",
        "QIANMIAN_MLFLOW_URI": registry,
    }
    return Spare(settings, ours("spare", ["serve"], folder, environment, port).start(wait=False))
