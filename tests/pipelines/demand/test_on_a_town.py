"""A town is forecast and its pages judged in other orders, through the masks and beside baselines."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import msgspec
import polars as pl
import pytest
from sqlalchemy import delete

import catalog
import pipelines.city
from catalog import artefact
from catalog.catalogue import Catalogue
from catalog.loader import load_catalogue
from models.demand_forecast.backtest import MODEL, NAIVE
from pipelines.city.build import build
from pipelines.city.world_loader import load_world
from pipelines.demand import DemandReport, forecast_demand
from pipelines.demand.held import read_held
from pipelines.ingest import ingest
from pipelines.off_policy import judge_off_policy
from privacy.aggregates import SMALLEST
from records.database import open_records, writing
from records.settings import Settings, now_in_utc
from records.tables import consent

pytestmark = pytest.mark.slow
ON = dt.date(2026, 6, 14)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(home=tmp_path_factory.mktemp("demand") / "var", today=ON)
    known = load_catalogue(Path(catalog.__file__).parent / "data")
    artefact.save(known, settings.catalogue_path)
    plain = load_world(Path(pipelines.city.__file__).parent / "worlds" / "small.yaml")
    world = msgspec.structs.replace(plain, citizens=500, enterprises=60, months_history=15)
    city = build(world, known, seed=4, as_of=ON, out=settings.city_path / world.world)
    ingest(city.out, settings, known, now_in_utc(settings))
    return settings


@pytest.fixture(scope="module")
def the_catalogue(settings: Settings) -> Catalogue:
    return artefact.load(settings.catalogue_path)


@pytest.fixture(scope="module")
def report(settings: Settings, the_catalogue: Catalogue) -> DemandReport:
    return forecast_demand(settings, the_catalogue, ON)


def test_the_plan_reaches_eight_weeks_and_adds_up(report: DemandReport) -> None:
    citizens = report.forecasts[0]
    weeks = citizens.plan["week"].unique().sort().to_list()
    assert weeks[0] == dt.date(2026, 6, 15)
    assert len(weeks) == 8
    sums = citizens.plan.group_by("level").agg(pl.col("expected").sum())["expected"].to_list()
    assert sums == pytest.approx([sums[0]] * 4)
    assert citizens.scale > 1.5
    assert set(citizens.scores["hall"]) >= {MODEL, NAIVE}
    assert citizens.scores["hall"][MODEL].coverage > 0.8  # type: ignore[operator]


def test_files_hold_no_small_cell_and_say_that_the_city_is_made_up(report: DemandReport) -> None:
    page, parquet, csv = report.files
    told = pl.read_parquet(parquet)
    assert told.filter(pl.col("level") != "total")["counted_last_year"].min() >= SMALLEST  # type: ignore[operator]
    assert report.withheld > 0
    assert "Synthetic" in page.read_text("utf8")
    assert csv.stat().st_size > 0


def test_a_planner_sees_every_cell(
    settings: Settings, the_catalogue: Catalogue, report: DemandReport
) -> None:
    whole = forecast_demand(settings, the_catalogue, ON, planner=True)
    assert whole.withheld == 0
    assert [one.plan.equals(other.plan) for one, other in zip(whole.forecasts, report.forecasts, strict=True)]


def test_pages_are_judged_from_what_training_may_see(settings: Settings, the_catalogue: Catalogue) -> None:
    found = judge_off_policy(settings, the_catalogue, ON)
    citizens = found.judged[0]
    plain, others = citizens.orders["as shown"]
    assert plain.value == pytest.approx(citizens.as_shown)
    assert others.estimates["dr"].value == pytest.approx(citizens.as_shown)
    assert "popularity" in citizens.orders
    assert found.page.read_text("utf8").count("<img") >= 1


def test_nobody_who_did_not_agree_to_statistics_is_counted(
    settings: Settings, the_catalogue: Catalogue
) -> None:
    before = read_held(settings, the_catalogue, ON)[0]
    engine = open_records(settings)
    with writing(engine) as connection:
        connection.execute(delete(consent).where(consent.c.purpose == "aggregate"))
    engine.dispose()
    after = read_held(settings, the_catalogue, ON)[0]
    assert before.records.cases.height > 0
    assert after.records.cases.is_empty()
    assert after.records.interactions.is_empty()
    assert set(after.districts()["district"]) <= {"unknown"}
    assert forecast_demand(settings, the_catalogue, ON).forecasts == ()
