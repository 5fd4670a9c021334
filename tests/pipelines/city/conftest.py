"""Small cities built once for all tests of the city."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import msgspec
import polars as pl
import pytest

import catalog
import pipelines.city
from catalog.catalogue import Catalogue
from catalog.loader import load_catalogue
from pipelines.city.build import CityReport, build
from pipelines.city.world import World
from pipelines.city.world_knobs import Register
from pipelines.city.world_loader import load_world

AS_OF = dt.date(2026, 8, 20)
WORLDS = Path(pipelines.city.__file__).parent / "worlds"


@dataclass(frozen=True)
class Town:
    """A built city and how to read it."""

    report: CityReport
    world: World

    def table(self, name: str) -> pl.DataFrame:
        return pl.read_parquet(self.report.out / f"{name}.parquet")

    @property
    def tables(self) -> list[str]:
        root = self.report.out
        return sorted(str(path.relative_to(root).with_suffix("")) for path in root.rglob("*.parquet"))


@pytest.fixture(scope="session")
def real_catalogue() -> Catalogue:
    return load_catalogue(Path(catalog.__file__).parent / "data")


@pytest.fixture(scope="session")
def small_world() -> World:
    world = load_world(WORLDS / "small.yaml")
    return msgspec.structs.replace(world, citizens=170, enterprises=44, months_history=8)


@pytest.fixture(scope="session")
def town(real_catalogue: Catalogue, small_world: World, tmp_path_factory: pytest.TempPathFactory) -> Town:
    out = tmp_path_factory.mktemp("town")
    return Town(build(small_world, real_catalogue, 5, AS_OF, out / "town"), small_world)


@pytest.fixture(scope="session")
def honest_town(
    real_catalogue: Catalogue, small_world: World, tmp_path_factory: pytest.TempPathFactory
) -> Town:
    """A town whose registers know everything at once."""
    registers = {"default": Register(delay_days=0.0, unknown=0.0)}
    world = msgspec.structs.replace(small_world, registers=registers, unknown={}, months_history=6)
    out = tmp_path_factory.mktemp("honest")
    return Town(build(world, real_catalogue, 11, AS_OF, out / "town"), world)
