"""A small synthetic city, taken in and materialised like any other, to be scored and told of."""

from __future__ import annotations

import datetime as dt
import shutil
from functools import cache
from pathlib import Path

import msgspec

import catalog
import pipelines.city
from catalog import artefact
from catalog.catalogue import Catalogue
from catalog.loader import load_catalogue
from pipelines.city.build import build
from pipelines.city.world_loader import load_world
from pipelines.features.materialise import materialise
from pipelines.ingest import ingest
from pipelines.score.run import ScoreReport, score
from records.settings import Settings, now_in_utc

TODAY = dt.date(2026, 6, 10)
"""In the season of annual reports, school entry and tax settlement: much is due."""
CITIZENS, ENTERPRISES = 60, 24


@cache
def real_catalogue() -> Catalogue:
    """The catalogue that ships."""
    return load_catalogue(Path(catalog.__file__).parent / "data")


def build_city(home: Path) -> Settings:
    """Everything a run would have made but the standings, under a home."""
    settings = Settings(home=home, today=TODAY)
    artefact.save(real_catalogue(), settings.catalogue_path)
    plain = load_world(Path(pipelines.city.__file__).parent / "worlds" / "small.yaml")
    world = msgspec.structs.replace(plain, citizens=CITIZENS, enterprises=ENTERPRISES, months_history=2)
    city = build(world, real_catalogue(), seed=7, as_of=TODAY, out=settings.city_path / world.world)
    at = now_in_utc(settings)
    ingest(city.out, settings, real_catalogue(), at)
    materialise(settings, real_catalogue(), at)
    return settings


def copied(settings: Settings, home: Path, today: dt.date | None = None) -> Settings:
    """The same city elsewhere, to be changed."""
    shutil.copytree(settings.home, home, dirs_exist_ok=True)
    return Settings(home=home, today=today or settings.today)


def moved_to(settings: Settings, today: dt.date) -> Settings:
    """The same city on another day."""
    return Settings(home=settings.home, today=today)


def morning(on: dt.date) -> dt.datetime:
    """Before anything of the day."""
    return dt.datetime.combine(on, dt.time(0, 30), dt.timezone(dt.timedelta(hours=8)))


def scored(settings: Settings, on: dt.date, partitions: int = 3, *, again: bool = False) -> ScoreReport:
    """The city scored for a day."""
    return score(settings, real_catalogue(), on, morning(on), partitions, again=again)
