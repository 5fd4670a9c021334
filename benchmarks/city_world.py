"""A synthetic city to judge recommenders in: its records until the held-out months, and the truth apart."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import polars as pl

import catalog
import pipelines.city
from catalog.catalogue import Catalogue
from catalog.loader import load_catalogue
from catalog.vocabulary import SubjectKind
from features.schema import RecordTables
from features.statements import AttributeHistory
from pipelines.city.build import build
from pipelines.city.world import World, months_before
from pipelines.city.world_loader import load_world
from pipelines.train.ground import Ground

ENDS: Final = (dt.date(2026, 3, 31), dt.date(2026, 6, 30), dt.date(2026, 9, 30), dt.date(2025, 12, 31))
"""The last day of the 27 months, world by world: every season is held out once."""
WORLDS: Final = Path(pipelines.city.__file__).parent / "worlds"
PREFIX: Final = {SubjectKind.CITIZEN: "c-", SubjectKind.ENTERPRISE: "e-"}


@dataclass(frozen=True, slots=True)
class CityWorld:
    """One city: what was on record on the last day before the held-out months, and what then happened."""

    name: str
    catalogue: Catalogue
    tables: Path
    last_day: dt.date
    """The last day before the held-out months."""
    seed: int

    def truth(self, name: str) -> pl.DataFrame:
        """A table of the truth."""
        return pl.read_parquet(self.tables / "truth" / f"{name}.parquet")

    def ground(self, kind: SubjectKind) -> Ground:
        """What training may know of one kind of subject on the last day."""
        history = AttributeHistory(self.tables / "store", self.catalogue)
        consents = self._table("consents").filter(pl.col("subject").str.starts_with(PREFIX[kind]))
        return Ground.until(kind, self.catalogue, history, self.last_day, self._records(kind), consents)

    def _records(self, kind: SubjectKind) -> RecordTables:
        items = self._table("scope_items").filter(pl.col("owner").str.starts_with(PREFIX[kind]))
        ids = items.select(scope_item="id")
        own = pl.col("subject").str.starts_with(PREFIX[kind])
        return RecordTables(
            kind=kind,
            scope_items=items,
            evidence=self._table("evidence").join(ids, on="scope_item", how="semi"),
            cases=self._table("cases").join(ids, on="scope_item", how="semi"),
            interactions=self._table("interactions").filter(own),
            relations=self._table("relations").filter(own),
        )

    def _table(self, name: str) -> pl.DataFrame:
        return pl.read_parquet(self.tables / f"{name}.parquet")


@contextmanager
def city(world: World, seed: int, end: dt.date) -> Iterator[CityWorld]:
    """A city lived through all its months, under a temporary folder."""
    catalogue = load_catalogue(Path(catalog.__file__).parent / "data")
    with tempfile.TemporaryDirectory(prefix="quality-city-") as folder:
        made = build(world, catalogue, seed, end, Path(folder) / "city")
        _by_register(made.out)
        first = months_before(end.replace(day=1), world.truth.horizon_months - 1)
        yield CityWorld(world.world, catalogue, made.out, first - dt.timedelta(days=1), seed)


def _by_register(tables: Path) -> None:
    """Each register's statements in a folder of its own, as intake leaves them."""
    for file in sorted((tables / "attributes").glob("*.parquet")):
        kind, scope, register = file.stem.split(".", 2)
        folder = tables / "store" / f"{kind}.{scope}" / register
        folder.mkdir(parents=True)
        shutil.copy(file, folder / "statements.parquet")


def committed(number: int) -> World:
    """One of the three worlds that were fixed before the models were tuned."""
    return load_world(WORLDS / f"quality-{number}.yaml")


def fresh(seed: int) -> World:
    """A world whose knobs nobody chose: drawn between what is plausible."""
    rng = np.random.default_rng(seed)
    plain = committed(1)

    def between(low: float, high: float) -> float:
        return float(round(rng.uniform(low, high), 3))

    return msgspec.structs.replace(
        plain,
        world=f"fresh-{seed}",
        demand=msgspec.structs.replace(
            plain.demand,
            taste_scale=between(0.5, 1.2),
            taste_from_traits=between(0.2, 0.9),
            trait_theme_scale=between(0.15, 0.45),
            trait_item_scale=between(0.15, 0.45),
            popularity_scale=between(0.5, 1.1),
            need_half_life=between(1.0, 2.5),
        ),
        journey=msgspec.structs.replace(
            plain.journey,
            noise_view=between(0.003, 0.012),
            drop=between(0.15, 0.35),
            paper_friction=between(0.55, 0.85),
            start=between(0.5, 0.7),
        ),
        slates=msgspec.structs.replace(plain.slates, uniform=between(0.2, 0.5)),
    )
