"""Off-policy estimates on simulated cities, against what each city itself says is true."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl
import pytest

import catalog
import pipelines.city
from catalog.catalogue import Catalogue
from catalog.loader import load_catalogue
from models.off_policy.estimators import Evaluated, evaluate
from models.off_policy.position_bias import examination
from models.off_policy.reweighted import without_model
from pipelines.city.build import build
from pipelines.city.slates import SlatePolicy
from pipelines.city.world import World
from pipelines.city.world_loader import load_world

AS_OF = dt.date(2026, 8, 20)
SEEDS = range(1, 21)


@dataclass(frozen=True)
class Told:
    """One city: what the log tells of two policies, and what is true of them."""

    rows: pl.DataFrame
    truth: dict[str, float]


@pytest.fixture(scope="module")
def world() -> World:
    plain = load_world(Path(pipelines.city.__file__).parent / "worlds" / "small.yaml")
    return msgspec.structs.replace(plain, citizens=220, enterprises=30, months_history=6)


@pytest.fixture(scope="module")
def the_catalogue() -> Catalogue:
    return load_catalogue(Path(catalog.__file__).parent / "data")


def city(world: World, catalogue: Catalogue, seed: int, out: Path, patch: pytest.MonkeyPatch) -> Told:
    """Build a city and note, of every page it shows, what each policy would truly have brought."""
    values: dict[str, list[float]] = {"base": [], "uniform": []}
    show = SlatePolicy._slate

    def noting(self: SlatePolicy, every: Any, day: Any, month: Any, rng: Any) -> None:
        knobs = self.block.setting.world.slates
        low, taste, pending = knobs.click
        wish = np.where(every.pending, pending, low + (taste - low) * every.appeal / (1.0 + every.appeal))
        looks = np.array(knobs.examination)
        for visit in range(len(day)):
            mine = np.flatnonzero(every.visit == visit)
            order = mine[np.lexsort((every.row[mine], -every.score[mine]))][: len(looks)]
            values["base"].append(float(looks[: len(order)] @ wish[order]))
            values["uniform"].append(float(looks[: len(mine)].sum() * wish[mine].mean()))
        show(self, every, day, month, rng)

    patch.setattr(SlatePolicy, "_slate", noting)
    report = build(world, catalogue, seed, AS_OF, out)
    patch.undo()
    return Told(_rows(report.out), {name: float(np.mean(found)) for name, found in values.items()})


def _rows(out: Path) -> pl.DataFrame:
    told = pl.read_parquet(out / "interactions.parquet")
    key = ["slate", "scope_item", "item"]
    clicks = told.filter(pl.col("kind") == "click").select(key).unique().with_columns(click=1.0)
    truth = pl.read_parquet(out / "truth" / "slates.parquet")
    return (
        told.filter(pl.col("kind") == "impression")
        .join(clicks, on=key, how="left")
        .join(truth.select(*key, "base_rank"), on=key, how="left")
        .join(truth.select("slate", "candidates").unique("slate"), on="slate", how="left")
        .with_columns(pl.col("click").fill_null(0.0))
    )


def judged(rows: pl.DataFrame, policy: str) -> Evaluated:
    slates = rows.select("slate", "subject").unique("slate", maintain_order=True)
    number = rows.join(slates.with_row_index("n").drop("subject"), on="slate", maintain_order="left")["n"]
    if policy == "base":
        shows = (rows["base_rank"] == rows["position"]).fill_null(value=False).cast(pl.Float64)
    else:
        shows = 1.0 / rows["candidates"]
    owners = slates["subject"].unique().sort()
    cluster = slates["subject"].replace_strict(owners, pl.int_range(len(owners), eager=True))
    return evaluate(
        without_model(
            number.to_numpy().astype(np.int64),
            rows["position"].to_numpy().astype(np.int64),
            rows["click"].to_numpy(),
            (shows / rows["propensity"]).to_numpy(),
            cluster.to_numpy().astype(np.int64),
        )
    )


@pytest.mark.slow
def test_intervals_cover_the_truth_of_many_cities(
    world: World, the_catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    covered = {"base": 0, "uniform": 0}
    for seed in SEEDS:
        told = city(world, the_catalogue, seed, tmp_path / str(seed), monkeypatch)
        for policy in covered:
            for method in ("ips", "snips"):
                found = judged(told.rows, policy).estimates[method]
                covered[policy] += found.low <= told.truth[policy] <= found.high
    # Of 40 each: 95 % is 38; 34 and fewer would happen once in 20 by chance if they covered 92 %.
    assert min(covered.values()) >= 35, covered


@pytest.mark.slow
def test_places_are_looked_at_as_the_city_says(
    world: World, the_catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    larger = msgspec.structs.replace(world, citizens=1500)
    rows = city(larger, the_catalogue, 3, tmp_path / "one", monkeypatch).rows
    owner = rows["subject"].cast(pl.Categorical).to_physical().to_numpy().astype(np.int64)
    found = examination(
        rows["position"].to_numpy().astype(np.int64), rows["click"].to_numpy(),
        rows["propensity"].to_numpy(), owner,
    )  # fmt: skip
    truth = np.array(world.slates.examination) / world.slates.examination[0]
    assert np.all(np.abs(found.relative - truth) <= 3.5 * found.error + 1e-12)
    assert found.error.max() < 0.25
