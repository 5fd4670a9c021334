"""The truth: complete enough to judge a ranking by, calibrated, and better than what shows."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import msgspec
import numpy as np
import polars as pl
import pytest

from catalog.catalogue import Catalogue
from pipelines.city.build import build
from pipelines.city.expected_use import Outlook, chance_of_use
from pipelines.city.world import World
from tests.pipelines.city.conftest import Town

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def judged(real_catalogue: Catalogue, small_world: World, tmp_path_factory: pytest.TempPathFactory) -> Town:
    """A bigger town of citizens, ending with a month, for figures that need numbers."""
    world = msgspec.structs.replace(small_world, citizens=1200, enterprises=0, months_history=9)
    out = tmp_path_factory.mktemp("judged") / "town"
    return Town(build(world, real_catalogue, 3, dt.date(2026, 8, 31), out), world)


def discounted_gain(pairs: pl.DataFrame, by: str, k: int = 5) -> float:
    """Mean nDCG@k over subjects who used anything."""
    gains = []
    for (_,), mine in pairs.group_by("subject"):
        used = mine["used"].to_numpy().astype(float)
        if used.any():
            discount = 1.0 / np.log2(np.arange(2, 2 + min(k, len(used))))
            best = np.argsort(-used, kind="stable")[:k]
            order = np.argsort(-mine[by].to_numpy(), kind="stable")[:k]
            gains.append(float((used[order] * discount).sum() / (used[best] * discount).sum()))
    return float(np.mean(gains))


def test_expectations_are_probabilities_calibrated_over_the_city(judged: Town) -> None:
    pairs = judged.table("truth/expected_use")
    for column in ("omniscient", "visible"):
        assert pairs[column].is_between(0.0, 1.0).all()
    assert pairs["omniscient"].sum() == pytest.approx(pairs["used"].sum(), rel=0.12)
    likely = pairs.filter(pl.col("omniscient") > 0.5)
    assert likely["used"].mean() == pytest.approx(likely["omniscient"].mean(), abs=0.08)


def test_knowing_more_ranks_better(judged: Town) -> None:
    """Omniscience beats what shows, which beats popularity among the eligible, by margins."""
    pairs = judged.table("truth/expected_use").filter("eligible")
    popular = pairs.group_by("item").agg(popularity=pl.col("visible").mean())
    pairs = pairs.join(popular, on="item")
    everything, shown, simple = (discounted_gain(pairs, by) for by in ("omniscient", "visible", "popularity"))
    assert everything > shown + 0.005
    assert shown > simple + 0.04


def test_what_was_used_is_what_the_cases_say(judged: Town) -> None:
    pairs = judged.table("truth/expected_use").filter("used")
    cases = judged.table("cases").filter(pl.col("opened_at") >= dt.datetime(2026, 6, 1, tzinfo=dt.UTC))
    assert pairs.join(cases, on=["scope_item", "item"], how="anti").height == 0


def test_reminders_change_only_who_responds_to_them(judged: Town) -> None:
    outcomes = judged.table("truth/reminders")
    indifferent = outcomes.filter(pl.col("response") == "indifferent")
    assert (indifferent["used_without"] == indifferent["used_with"]).all()
    persuadable = outcomes.filter(pl.col("response") == "persuadable")
    assert (persuadable["used_with"] >= persuadable["used_without"]).all()
    lift = persuadable["used_with"].mean() - persuadable["used_without"].mean()
    expected = persuadable["reminded"].mean() - persuadable["without"].mean()
    assert lift == pytest.approx(expected, abs=0.05)
    put_off = outcomes.filter(pl.col("response") == "put_off")
    assert (put_off["used_with"] <= put_off["used_without"]).all()


def test_tastes_are_hidden_low_rank_factors(judged: Town) -> None:
    tastes, prototypes = judged.table("truth/tastes"), judged.table("truth/prototypes")
    demand = judged.world.demand
    assert set(tastes["prototype"].unique()) <= set(range(demand.prototypes))
    assert tastes["prototype"].n_unique() > demand.prototypes / 2
    assert prototypes["factors"].list.len().unique().to_list() == [demand.factors]
    assert judged.table("truth/items")["factors"].list.len().unique().to_list() == [demand.factors]
    looks = judged.table("truth/examination")
    assert looks["probability"].to_list() == list(judged.world.slates.examination)


def test_events_say_when_they_began_and_happened(judged: Town) -> None:
    events = judged.table("truth/events")
    assert (events["began"] <= events["at"].fill_null(dt.date(2100, 1, 1))).all()
    assert {"birth", "job_loss", "bereavement"} <= set(events["event"])
    known = judged.table("scope_items")["id"]
    assert events["scope_item"].is_in(known.to_list()).all()


def test_the_chance_of_use_follows_the_steps_of_a_journey() -> None:
    """One certain pair, one impossible one, one that is pending and is started half of the time."""
    rate = np.array([[50.0, 0.0, 0.0]], dtype=np.float32)
    start = np.array([[1.0, 1.0, 0.5]], dtype=np.float32)
    pending = np.array([[0.0, 0.0, 1.0]], dtype=np.float32)
    used = chance_of_use(Outlook([rate, rate], [start, start], pending), drop=0.5)
    assert used == pytest.approx(np.array([[1.0, 0.0, 0.5 + 0.5 * 0.5 * 0.5]]))


def test_truth_lies_apart(judged: Town) -> None:
    root = judged.report.out
    outside = {path.parent.name for path in root.rglob("*.parquet")} - {"truth", "attributes", root.name}
    assert outside == set()
    assert Path(root / "truth" / "expected_use.parquet").exists()
