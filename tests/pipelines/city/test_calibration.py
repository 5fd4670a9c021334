"""The population against the published figures, within what chance and rounding allow."""

from __future__ import annotations

import datetime as dt

import msgspec
import numpy as np
import polars as pl
import pytest

from catalog.catalogue import Catalogue
from catalog.vocabulary import SubjectKind
from pipelines.city.block import Block, Setting
from pipelines.city.life import Life
from pipelines.city.parts import months
from pipelines.city.population import populate
from pipelines.city.scope_state import day_number
from pipelines.city.wants import Wants
from pipelines.city.world import World

COUNT = 12_000


@pytest.fixture(scope="module")
def lived(small_world: World, real_catalogue: Catalogue) -> tuple[Block, Life]:
    """A block whose lives unfold for two years; nobody goes to an authority."""
    world = msgspec.structs.replace(small_world, months_history=12)
    setting = Setting(world, real_catalogue, 2, dt.date(2025, 9, 1), dt.date(2026, 8, 31))
    block = populate(setting, SubjectKind.CITIZEN, 0, 0, COUNT)
    life = Life(block, Wants.of(real_catalogue, SubjectKind.CITIZEN))
    life.wants.grow(block)
    for month in months(setting):
        life.unfold(month)
    return block, life


def ages(block: Block) -> np.ndarray:
    end = day_number(block.setting.as_of)
    adults = block.subjects.columns["birth_date"][block.remaining]
    children = block.states["child"].columns["child_birth_date"]
    born = np.concatenate([adults, children[children <= end]]).astype(np.float64)
    return (end - born) / 365.2425


def figure(block: Block, name: str) -> float:
    return block.setting.world.statistics[name].value


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("age_0_14_share", 0, 15),
        ("age_15_59_share", 15, 60),
        ("age_60_plus_share", 60, 200),
        ("age_65_plus_share", 65, 200),
    ],
)
def test_the_age_structure(lived: tuple[Block, Life], name: str, low: int, high: int) -> None:
    block, _ = lived
    age = ages(block)
    assert ((age >= low) & (age < high)).mean() == pytest.approx(figure(block, name), abs=0.015)


def test_sex_hukou_and_districts(lived: tuple[Block, Life]) -> None:
    block, _ = lived
    frame = block.frame("self", block.setting.as_of).filter(pl.Series(block.remaining))
    assert (frame["sex"] == "male").mean() == pytest.approx(figure(block, "male_share"), abs=0.02)
    outside = (frame["hukou_province"] != "BJ").mean()
    assert outside == pytest.approx(figure(block, "non_hukou_resident_share"), abs=0.02)
    core = frame["residence_district"].is_in(["dongcheng", "xicheng"]).mean()
    expected = figure(block, "core_districts_population") / figure(block, "census_population")
    assert core == pytest.approx(expected, abs=0.01)
    central = ["dongcheng", "xicheng", "chaoyang", "fengtai", "shijingshan", "haidian"]
    share = frame["residence_district"].is_in(central).mean()
    assert share == pytest.approx(figure(block, "central_districts_share"), abs=0.02)


def test_households(lived: tuple[Block, Life]) -> None:
    block, _ = lived
    homes = block.states["household"]
    size = homes.columns["family_size"].mean()
    assert size == pytest.approx(figure(block, "mean_family_household_size"), abs=0.08)
    collective = (block.subjects.columns["_collective"] == 1).sum()
    everyone = block.subjects.rows + block.states["child"].rows
    share = figure(block, "collective_household_population_share")
    assert collective / everyone == pytest.approx(share, abs=0.015)


def test_unemployment(lived: tuple[Block, Life]) -> None:
    block, _ = lived
    frame = block.frame("self", block.setting.as_of).filter(pl.Series(block.remaining))
    working = frame.filter(
        pl.col("employment_status").is_in(["employed", "flexible", "self_employed", "unemployed"])
    )
    rate = (working["employment_status"] == "unemployed").mean()
    assert rate == pytest.approx(figure(block, "surveyed_urban_unemployment"), abs=0.012)


@pytest.mark.parametrize(("event", "name"), [("birth", "birth_rate"), ("death", "death_rate")])
def test_births_and_deaths(lived: tuple[Block, Life], event: str, name: str) -> None:
    block, life = lived
    start, end = day_number(block.setting.log_from), day_number(block.setting.as_of)
    days = np.concatenate([each.days for each in life.happened if each.name == event])
    within = ((days >= start) & (days <= end)).sum()
    assert within / len(ages(block)) * 1000 == pytest.approx(figure(block, name), abs=1.4)
