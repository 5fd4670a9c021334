"""Conformance kits: what every implementation of a protocol must do, whatever it does inside."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from models.affinity.dataset import AffinityDataset, Features, Interactions, SubjectBatch
from models.affinity.export import KIND, load_affinity, save_affinity
from models.affinity.linear import LinearAffinity
from models.affinity.metrics import top_places
from models.affinity.protocol import AffinityModel
from models.artifact import Manifest

MANIFEST = Manifest(
    name="affinity",
    version="1",
    kind=KIND,
    catalogue_version="c1",
    feature_service="affinity_v1",
    commit="0" * 40,
    trained_to=dt.date(2026, 6, 30),
    metrics={"ndcg10": 0.5},
)


def small_dataset(seed: int = 0, subjects: int = 90, items: int = 24) -> AffinityDataset:
    """Two tastes that follow sex, an age effect, drift over 60 days, and two items nobody took."""
    rng = np.random.default_rng(seed)
    sex, age = rng.integers(2, size=subjects), rng.integers(3, size=subjects)
    features = Features.from_indicators(
        [[f"sex={s}", f"age={a}", f"age>={a}"] for s, a in zip(sex, age, strict=True)]
    )
    item_features = Features.from_indicators([[f"theme={i % 4}", f"side={i % 2}"] for i in range(items)])
    day = rng.uniform(20_000, 20_060, size=(subjects, items))
    lean = 1.5 * ((np.arange(items) % 2) == sex[:, None]) + 0.7 * (np.arange(items) % 3 == age[:, None])
    lean = lean + np.sin((day - 20_000) / 20 + np.arange(items)) - 1.8
    taken = rng.random((subjects, items)) < 1 / (1 + np.exp(-lean))
    taken[:, -2:] = False
    who, what = np.nonzero(taken)
    weight = rng.integers(1, 5, size=len(who))
    return AffinityDataset(
        features,
        item_features,
        Interactions.of(who, what, weight, day[who, what]),
        tuple(f"item-{i:02d}" for i in range(items)),
    )


class RecommenderContract:
    """Inherit, give `model`, and every law of an affinity model is tested."""

    @pytest.fixture
    def model(self) -> AffinityModel:
        raise NotImplementedError("the inheriting test class provides the model")

    @pytest.fixture
    def dataset(self) -> AffinityDataset:
        return small_dataset()

    def test_scores_are_finite_one_a_subject_and_item(self, model, dataset):
        scores = model.fit(dataset, seed=1).scores(dataset.batch())
        assert scores.shape == (dataset.subjects, len(dataset.items))
        assert np.isfinite(scores).all()

    def test_it_has_learned_something(self, model, dataset):
        """The most taken third of items outscores the least taken third, over all subjects."""
        scores = model.fit(dataset, seed=1).scores(dataset.batch())
        taken = np.asarray((dataset.matrix() > 0).sum(axis=0)).ravel()[:-2]
        order = np.argsort(taken)
        third = len(order) // 3
        assert scores[:, order[-third:]].mean() > scores[:, order[:third]].mean()

    def test_a_configured_model_has_no_score(self, model):
        assert not hasattr(model, "scores")

    def test_fitting_gives_a_new_value_and_leaves_the_model_alone(self, model, dataset):
        before = repr(model)
        first, second = model.fit(dataset, seed=1), model.fit(dataset, seed=1)
        assert first is not second
        assert repr(model) == before

    def test_an_unknown_subject_gets_a_slate(self, model, dataset):
        nobody = SubjectBatch(Features.none(1))
        scores = model.fit(dataset, seed=1).scores(nobody)
        assert scores.shape == (1, len(dataset.items))
        assert np.isfinite(scores).all()

    def test_unknown_features_change_nothing(self, model, dataset):
        fitted = model.fit(dataset, seed=1)
        known = SubjectBatch(Features.from_indicators([["sex=1", "age=2"]]))
        more = SubjectBatch(Features.from_indicators([["sex=1", "age=2", "shoe_size=43"]]))
        np.testing.assert_allclose(fitted.scores(known), fitted.scores(more), rtol=1e-5, atol=1e-6)

    def test_an_empty_history_is_fine(self, model, dataset):
        scores = model.fit(dataset, seed=1).scores(SubjectBatch(dataset.subject_features))
        assert np.isfinite(scores).all()

    def test_an_unknown_item_in_the_history_changes_nothing(self, model, dataset):
        fitted = model.fit(dataset, seed=1)
        features = Features.from_indicators([["sex=0"]])
        known = SubjectBatch(features, Interactions.of([0], [0]), ("item-03",), np.array([20_030.0]))
        more = SubjectBatch(
            features, Interactions.of([0, 0], [1, 0]), ("never-seen", "item-03"), np.array([20_030.0])
        )
        np.testing.assert_allclose(fitted.scores(known), fitted.scores(more), rtol=1e-5, atol=1e-6)

    def test_k_beyond_the_catalogue_ranks_the_catalogue_once(self, model, dataset):
        scores = model.fit(dataset, seed=1).scores(dataset.batch())
        places = top_places(scores, len(dataset.items) + 7)
        assert places.shape == (dataset.subjects, len(dataset.items) + 7)
        assert (places[:, len(dataset.items) :] == -1).all()
        assert (np.sort(places[:, : len(dataset.items)], axis=1) == np.arange(len(dataset.items))).all()

    def test_the_same_seed_gives_the_same_slate(self, model, dataset):
        first, second = (model.fit(dataset, seed=3).scores(dataset.batch()) for _ in range(2))
        np.testing.assert_array_equal(first, second)

    def test_the_order_of_interactions_does_not_matter(self, model, dataset):
        taken = dataset.interactions
        shuffle = np.random.default_rng(5).permutation(len(taken))
        other = dataset.with_interactions(
            Interactions(
                taken.subject[shuffle], taken.item[shuffle], taken.weight[shuffle], taken.time[shuffle]
            )
        )
        first = model.fit(dataset, seed=1).scores(dataset.batch())
        np.testing.assert_allclose(
            model.fit(other, seed=1).scores(other.batch()), first, rtol=1e-4, atol=1e-5
        )

    def test_each_subject_is_scored_by_itself(self, model, dataset):
        fitted = model.fit(dataset, seed=1)
        backwards = np.arange(dataset.subjects)[::-1]
        together = fitted.scores(dataset.batch())
        turned = fitted.scores(dataset.batch().rows(backwards))
        alone = fitted.scores(dataset.batch().rows(np.array([4])))
        np.testing.assert_allclose(turned, together[backwards], rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(alone[0], together[4], rtol=1e-4, atol=1e-5)

    def test_nothing_inadmissible_is_ever_ranked(self, model, dataset):
        admissible = np.random.default_rng(2).random((dataset.subjects, len(dataset.items))) < 0.3
        places = top_places(model.fit(dataset, seed=1).scores(dataset.batch()), 10, admissible)
        for row, allowed in zip(places, admissible, strict=True):
            shown = row[row >= 0]
            assert allowed[shown].all()
            assert len(shown) == min(10, int(allowed.sum()))

    def test_what_is_saved_is_what_is_loaded(self, model, dataset, tmp_path: Path):
        fitted = model.fit(dataset, seed=1)
        linear = fitted if isinstance(fitted, LinearAffinity) else fitted.linear
        save_affinity(tmp_path / "affinity", linear, MANIFEST)
        loaded, manifest = load_affinity(tmp_path / "affinity")
        assert manifest == MANIFEST
        assert loaded.items == fitted.items
        np.testing.assert_array_equal(loaded.scores(dataset.batch()), fitted.scores(dataset.batch()))

    def test_no_interactions_at_all_is_survived(self, model, dataset):
        empty = dataset.with_interactions(Interactions.none())
        assert np.isfinite(model.fit(empty, seed=1).scores(empty.batch())).all()
