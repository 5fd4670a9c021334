"""The learned ranker: what it learns, what it may never learn, and that its reasons are its own sums."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.vocabulary import SubjectKind
from models.artifact import ArtifactError, Manifest
from models.ranking.fitting import Example, FitConfig, TooFewTakenUp, fit_use
from models.ranking.item_facts import ItemFacts
from models.ranking.ranker import chances, one_a_pair, rank
from models.ranking.reasons import RANKED_BY
from models.ranking.signals import LearnedUse, RankSignals, RankWeights
from models.ranking.subject_past import SubjectPast
from models.ranking.terms import SubjectTerms
from models.ranking.use_model import KIND, UseModel, load_use_models, save_use_models
from models.recommendation import Entry, Standing

ON = dt.date(2026, 11, 20)
ITEMS = ("item-a", "item-b", "item-c", "item-d")
FACTS = {item: ItemFacts("health" if item < "item-c" else "school", "benefit", (), ()) for item in ITEMS}


def entry(item: str = "item-a", standing: Standing = Standing.CAN_DO, **more) -> Entry:
    given_values = {"scope_item": "self", "label": None, "ready": False, "cycle": "once", **more}
    return Entry(item=item, standing=standing, **given_values)


def terms(**more) -> SubjectTerms:
    return SubjectTerms(on=ON, itself="self", past=SubjectPast(observed=True), traits=(), facts=FACTS, **more)


def learned(weights: dict[str, float], **more) -> RankSignals:
    use = LearnedUse(UseModel(weights, more.pop("usual", {})), terms())
    return RankSignals(model="page-ranking 1", use=use, weights=RankWeights(diversity=0.0), **more)


def drawn(rng: np.random.Generator, missing: int, affinity: float, likely: float) -> Example:
    subject = terms(affinity={"item-a": affinity})
    page = entry(missing=tuple(f"paper-{n}" for n in range(missing)), ready=missing == 0)
    return Example(subject.of(page), bool(rng.random() < likely))


def test_it_learns_what_makes_an_entry_likely() -> None:
    rng = np.random.default_rng(1)
    pages = [(int(rng.integers(0, 5)), float(rng.normal())) for _ in range(6_000)]
    examples = [
        drawn(rng, missing, affinity, 1 / (1 + math.exp(1.5 - affinity + 0.6 * missing)))
        for missing, affinity in pages
    ]
    model = fit_use(examples, FitConfig())
    assert model.weights["like:affinity"] + 0.0 == pytest.approx(1.0, abs=0.25)
    said = np.array([model.chance(one.terms) for one in examples])
    happened = np.array([one.taken_up for one in examples])
    assert said.mean() == pytest.approx(happened.mean(), abs=0.01)
    likely = said > np.quantile(said, 0.8)
    assert said[likely].mean() == pytest.approx(happened[likely].mean(), abs=0.04)


def test_more_papers_or_less_affinity_is_never_learned_to_rank_higher() -> None:
    """Even where the log says so: here people took up what asked for most papers and suited them least."""
    rng = np.random.default_rng(2)
    examples = [
        drawn(rng, missing, affinity, 0.1 + 0.15 * missing * (affinity < 0))
        for missing, affinity in ((int(rng.integers(0, 5)), float(rng.normal())) for _ in range(3_000))
    ]
    model = fit_use(examples, FitConfig())
    subject = terms(affinity={"item-a": 1.0})
    by_papers = [
        model.log_odds(subject.of(entry(missing=tuple(map(str, range(n))), ready=n == 0))) for n in range(6)
    ]
    assert by_papers == sorted(by_papers, reverse=True)
    by_affinity = [
        model.log_odds(terms(affinity={"item-a": value}).of(entry())) for value in (-2.0, 0.0, 1.0, 2.0)
    ]
    assert by_affinity == sorted(by_affinity)


def test_too_little_is_said() -> None:
    with pytest.raises(TooFewTakenUp, match="1 of 2"):
        fit_use([Example({"what:always": 1.0}, True), Example({"what:always": 1.0}, False)], FitConfig())


def test_what_the_families_add_sums_to_the_log_odds() -> None:
    model = UseModel(
        {"what:always": -2.0, "like:affinity": 0.5, "effort:ready": 0.4}, {"what": -2.0, "like": 0.1}
    )
    read = {"what:always": 1.0, "like:affinity": 3.0, "effort:ready": 1.0, "never:seen": 7.0}
    assert sum(model.by_family(read).values()) + sum(model.usual.values()) == pytest.approx(
        model.log_odds(read)
    )
    assert model.chance(read) == pytest.approx(1 / (1 + math.exp(-model.log_odds(read))))


def test_the_reason_told_is_of_what_weighed_most() -> None:
    signals = learned({"effort:ready": 2.0, "time:due<=30": 1.0})
    ready, due = entry(ready=True), entry("item-b", due_on=ON + dt.timedelta(days=20))
    shown = {one.item: one for one in rank([ready, due], signals=signals, on=ON)}
    assert [r.code for r in shown["item-a"].reasons] == [RANKED_BY["ready"].code]
    assert [r.code for r in shown["item-b"].reasons] == [RANKED_BY["time"].code]
    usual = rank([due], signals=learned({"time:due<=30": 1.0}, usual={"time": 0.9}), on=ON)
    assert usual[0].reasons == ()


weights = st.dictionaries(
    st.sampled_from(
        [
            *(f"what:item={item}" for item in ITEMS),
            *("effort:ready", "effort:missing>=1", "time:due<=30", "time:state=can_do", "like:affinity"),
        ]
    ),
    st.floats(-50, 50),
)
pages = st.lists(
    st.builds(
        entry,
        item=st.sampled_from(ITEMS),
        standing=st.sampled_from(Standing),
        scope_item=st.sampled_from(["self", "child-1"]),
        ready=st.booleans(),
        due_on=st.none() | st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 31)),
        missing=st.lists(st.sampled_from(["id-card", "photo"]), unique=True).map(tuple),
    ),
    max_size=20,
    unique_by=lambda one: (one.item, one.scope_item, one.cycle),
)


@given(pages, weights)
def test_whatever_was_learned_a_page_is_reordered_inside_the_fence_and_duties_not_at_all(page, given_weights):
    by_rules = rank(page, signals=None, on=ON)
    shown = rank(page, signals=learned(given_weights), on=ON)
    assert [one.standing for one in shown] == [one.standing for one in by_rules]
    bare = lambda one: replace(one, score=None, reasons=())  # noqa: E731
    assert sorted(map(repr, map(bare, shown))) == sorted(map(repr, by_rules))
    duties = [one for one in shown if one.standing is Standing.SHOULD_DO]
    assert duties == [one for one in by_rules if one.standing is Standing.SHOULD_DO]


@given(pages, weights)
def test_every_admitted_pair_has_a_chance_and_nothing_else(page, given_weights):
    single = one_a_pair(page)
    found = chances(single, LearnedUse(UseModel(given_weights), terms()))
    assert set(found) == {(one.scope_item, one.item, one.cycle) for one in single}
    assert all(0.0 <= chance <= 1.0 for chance in found.values())


def manifest() -> Manifest:
    return Manifest(
        name="page-ranking", version="1", kind=KIND, catalogue_version="c", feature_service="affinity_v1",
        commit="x", trained_to=ON, metrics={},
    )  # fmt: skip


def test_what_is_saved_is_read_back_equal_and_a_wrong_artefact_refused(tmp_path: Path) -> None:
    models = {
        SubjectKind.CITIZEN: UseModel({"what:always": -1.25, "like:affinity": 0.5}, {"what": -1.25}),
        SubjectKind.ENTERPRISE: UseModel({"effort:ready": 0.125}, {}),
    }
    save_use_models(tmp_path / "model", models, manifest())
    found, told = load_use_models(tmp_path / "model")
    assert found == models
    assert told.name == "page-ranking"
    with pytest.raises(ArtifactError):
        load_use_models(tmp_path / "nowhere")
