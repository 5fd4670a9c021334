"""Laws of the city: the same seed the same city, honest propensities, no ineligible success."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import msgspec
import numpy as np
import polars as pl
import pytest

from catalog.catalogue import Catalogue
from catalog.vocabulary import Scope, SubjectKind
from features.schema import ABSENT, MaskedProfile, ScopeItem, Value
from models.eligibility.rule_book import RuleBook
from models.recommendation import Verdict
from pipelines.city.build import build
from pipelines.city.slates import propensity
from pipelines.city.world import World
from tests.pipelines.city.conftest import AS_OF, Town

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def hamlet(small_world: World) -> World:
    return msgspec.structs.replace(small_world, citizens=60, enterprises=20, months_history=2)


@pytest.mark.slow
def test_the_same_seed_makes_the_same_city_and_another_seed_another(
    hamlet: World, real_catalogue: Catalogue, tmp_path: Path
) -> None:
    reports = [
        build(hamlet, real_catalogue, seed, AS_OF, tmp_path / str(n)) for n, seed in enumerate((3, 3, 4))
    ]
    first, again, other = (
        {p.relative_to(r.out): pl.read_parquet(p) for p in r.out.rglob("*.parquet")} for r in reports
    )
    assert first.keys() == again.keys()
    for name, table in first.items():
        assert table.equals(again[name]), name
    subjects = Path("subjects.parquet")
    assert not set(first[subjects]["subject"]) & set(other[subjects]["subject"])
    assert not first[Path("interactions.parquet")].equals(other[Path("interactions.parquet")])


@pytest.mark.slow
def test_sharing_the_work_changes_nothing(hamlet: World, real_catalogue: Catalogue, tmp_path: Path) -> None:
    split = msgspec.structs.replace(hamlet, block=30, months_history=1)
    alone = build(split, real_catalogue, 3, AS_OF, tmp_path / "alone")
    shared = build(split, real_catalogue, 3, AS_OF, tmp_path / "shared", workers=2)
    assert shared.rows == alone.rows
    for path in alone.out.rglob("*.parquet"):
        assert pl.read_parquet(path).equals(pl.read_parquet(shared.out / path.relative_to(alone.out))), path
    assert not list(shared.out.parent.glob("*.making"))


def test_a_folder_that_holds_no_city_is_left_alone(
    hamlet: World, real_catalogue: Catalogue, tmp_path: Path
) -> None:
    (tmp_path / "letters.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(FileExistsError, match="no sample city"):
        build(hamlet, real_catalogue, 1, AS_OF, tmp_path)
    assert (tmp_path / "letters.txt").exists()


def test_propensities_are_those_of_the_logging_policy_replayed(town: Town) -> None:
    shown = town.table("interactions").filter(pl.col("kind") == "impression")
    assert shown.height > 100
    assert shown["propensity"].is_between(0.0, 1.0, closed="right").all()
    context = town.table("truth/slates")
    counts = context.group_by("slate").agg(pl.col("candidates").max())
    ranks = context.select("slate", "scope_item", "item", "base_rank")
    known = shown.join(counts, on="slate").join(ranks, on=["slate", "scope_item", "item"], how="left")
    assert known.height == shown.height
    expected = propensity(
        known["base_rank"].fill_null(-1).to_numpy(),
        known["position"].to_numpy(),
        known["candidates"].to_numpy(),
        town.world.slates.uniform,
    )
    assert np.allclose(known["propensity"].to_numpy(), expected)


def test_a_slate_shows_each_thing_once_at_consecutive_positions(town: Town) -> None:
    shown = town.table("interactions").filter(pl.col("kind") == "impression")
    assert shown.select("slate", "scope_item", "item").is_duplicated().sum() == 0
    positions = (
        shown.sort("slate", "position").group_by("slate", maintain_order=True).agg("position")["position"]
    )
    assert all(list(each) == list(range(1, len(each) + 1)) for each in positions)


def test_first_positions_are_clicked_more(town: Town) -> None:
    log = town.table("interactions").drop_nulls("slate")
    rate = (
        log.group_by("slate", "scope_item", "item", "position")
        .agg(clicked=(pl.col("kind") == "click").any())
        .group_by(top=pl.col("position") <= 2)
        .agg(pl.col("clicked").mean())
    )
    by_top = dict(rate.iter_rows())
    assert by_top[True] > by_top[False]


def test_views_come_before_use(town: Town) -> None:
    log = town.table("interactions")
    starts = log.filter(pl.col("kind") == "start").select("scope_item", "item", started="at")
    views = log.filter(pl.col("kind") == "view").group_by("scope_item", "item").agg(viewed=pl.col("at").min())
    both = starts.join(views, on=["scope_item", "item"], how="left")
    assert (both["viewed"] < both["started"]).fill_null(value=False).mean() > 0.6


def test_no_case_is_opened_by_somebody_ineligible(honest_town: Town, real_catalogue: Catalogue) -> None:
    """What all-knowing registers said on the day never makes the case's item ineligible."""
    cases = honest_town.table("cases").filter(pl.col("opened_at") >= dt.datetime(2026, 3, 2, tzinfo=dt.UTC))
    some = cases.sample(min(400, cases.height), seed=1)
    book, known = RuleBook(real_catalogue), _Statements(honest_town, real_catalogue)
    for case in some.sort("opened_at").iter_rows(named=True):
        profile = known.profile(case["scope_item"], case["opened_at"])
        on = case["opened_at"].date()
        verdict = book.judge(profile, on).verdicts(case["scope_item"])[case["item"]]
        assert verdict is not Verdict.FALSE, (case, profile)


class _Statements:
    """What the registers of a town said of scope items until a moment."""

    def __init__(self, town: Town, catalogue: Catalogue) -> None:
        self.items = {row["id"]: row for row in town.table("scope_items").iter_rows(named=True)}
        self.kinds = dict(town.table("subjects").iter_rows())
        self.attributes = catalogue.attributes
        self.said: dict[str, list[dict[str, Value | dt.datetime]]] = {}
        for name in town.tables:
            if name.startswith("attributes/"):
                for row in town.table(name).sort("observed_at").iter_rows(named=True):
                    self.said.setdefault(row["scope_item"], []).append(row)

    def profile(self, scope_item: str, at: dt.datetime) -> MaskedProfile:
        owner = self.items[scope_item]["owner"]
        kind = SubjectKind(self.kinds[owner])
        items = tuple(self._item(id, at) for id in dict.fromkeys((owner, scope_item)))
        return MaskedProfile(owner, kind, "assess", items, (), (), frozenset())

    def _item(self, id: str, at: dt.datetime) -> ScopeItem:
        told: dict[str, Value] = {}
        for row in self.said.get(id, []):
            if row["observed_at"] <= at:
                told |= {name: value for name, value in row.items() if name in self.attributes}
                told |= {
                    name: ABSENT
                    for name in self.attributes
                    if row.get(name, 0) is None and row.get(f"has_{name}") is False
                }
        known = {name: value for name, value in told.items() if value is not None}
        return ScopeItem(id, Scope(self.items[id]["scope"]), self.items[id]["owner"], attributes=known)
