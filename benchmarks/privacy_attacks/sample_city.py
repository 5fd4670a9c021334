"""The sample city as a run leaves it: recorded, materialised, learned from, with champions in place."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import msgspec

import catalog
import pipelines.city
from catalog import artefact
from catalog.catalogue import Catalogue
from catalog.loader import load_catalogue
from catalog.vocabulary import SubjectKind
from pipelines.city.build import build
from pipelines.city.world_loader import load_world
from pipelines.evaluate import evaluate
from pipelines.features.materialise import materialise
from pipelines.ingest import ingest
from pipelines.promote import promote
from pipelines.train import train
from pipelines.train.ground import Ground, read_grounds
from records.settings import Settings, now_in_utc

ON = dt.date(2026, 11, 20)
WORLD = Path(pipelines.city.__file__).parent / "worlds" / "default.yaml"


@dataclass(frozen=True)
class SampleCity:
    """A home with everything in it, and what training may know of its subjects."""

    settings: Settings
    catalogue: Catalogue
    grounds: dict[SubjectKind, Ground]


def sample_city(home: Path, citizens: int | None, seed: int) -> SampleCity:
    """The default world (of fewer citizens where told so) run as `qianmian run` does."""
    settings = Settings(home=home, today=ON)
    known = load_catalogue(Path(catalog.__file__).parent / "data")
    artefact.save(known, settings.catalogue_path)
    world = load_world(WORLD)
    if citizens is not None:
        firms = max(120, citizens * world.enterprises // world.citizens)
        world = msgspec.structs.replace(world, citizens=citizens, enterprises=firms)
    made = build(world, known, seed=seed, as_of=ON, out=settings.city_path / world.world)
    ingest(made.out, settings, known, now_in_utc(settings))
    materialise(settings, known, now_in_utc(settings))
    train(settings, known, ON, seed=seed)
    evaluate(settings, known, ON)
    promote(settings)
    return SampleCity(settings, known, read_grounds(settings, known, ON))
