"""The stack: weighed on what was held back, one linear form, small enough to export."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.affinity.dataset import Features, Interactions, SubjectBatch
from models.affinity.demographic_ridge import DemographicRidge
from models.affinity.export import KIND, MOST_DIMENSIONS, compact, load_affinity, save_affinity
from models.affinity.item_item import ItemItem
from models.affinity.linear import LinearAffinity, frozen
from models.affinity.metrics import ndcg, top_places
from models.affinity.popularity import Popularity
from models.affinity.recommended import recommended
from models.affinity.spectral import Spectral
from models.affinity.stack import AffinityStack
from models.affinity.validation import InnerSplit, Regime
from models.artifact import ArtifactError, load_artifact, save_artifact
from tests.contracts import MANIFEST, small_dataset

PARTS = (
    Popularity(half_life=10.0, causal=False),
    ItemItem(regularisation=20.0),
    Spectral(dimensions=4),
    DemographicRidge(),
)


@pytest.fixture(scope="module")
def dataset():
    return small_dataset(subjects=200)


@pytest.fixture(scope="module")
def fitted(dataset):
    return AffinityStack(PARTS).fit(dataset, seed=1)


def test_its_score_is_the_weighted_sum_of_its_parts(dataset, fitted):
    expected = np.zeros((dataset.subjects, len(dataset.items)))
    for part in PARTS:
        weight = fitted.weights["warm"].get(part.name, 0.0)
        expected += weight * part.fit(dataset, seed=1).scores(dataset.batch())
    np.testing.assert_allclose(fitted.scores(dataset.batch()), expected, rtol=1e-3, atol=1e-4)


def test_without_history_the_cold_weights_speak(dataset, fitted):
    cold = SubjectBatch(dataset.subject_features)
    expected = np.zeros((dataset.subjects, len(dataset.items)))
    for part in PARTS:
        weight = fitted.weights["subject_cold"].get(part.name, 0.0)
        expected += weight * part.fit(dataset, seed=1).scores(cold)
    np.testing.assert_allclose(fitted.scores(cold), expected, rtol=1e-3, atol=1e-4)


def test_it_is_as_good_as_its_best_part_on_what_it_was_weighed_on(dataset):
    split = InnerSplit(Regime.WARM)
    stack = AffinityStack(PARTS, (split,))
    trials = split.cut(dataset, seed=1)
    weights = stack.fit(dataset, seed=1).weights["warm"]
    of_parts = {
        part.name: [part.fit(trial.train, seed=1).scores(trial.batch) for trial in trials] for part in PARTS
    }
    best = max(
        np.mean([trial.ndcg(one, 10) for trial, one in zip(trials, each, strict=True)])
        for each in of_parts.values()
    )
    blended = [sum(weights[name] * of_parts[name][at] for name in weights) for at in range(len(trials))]
    reached = np.mean([trial.ndcg(one, 10) for trial, one in zip(trials, blended, strict=True)])
    assert reached >= best - 1e-6


def test_a_part_far_behind_is_given_up_where_asked(dataset):
    split = (InnerSplit(Regime.SUBJECT_COLD, trials=2),)
    parts = (ItemItem(regularisation=20.0), DemographicRidge())
    weights = AffinityStack(parts, split, hopeless=0.9).fit(dataset, seed=1).weights["subject_cold"]
    assert set(weights) == {"demographic_ridge"}


@pytest.mark.parametrize("regime", Regime)
def test_the_recommended_stack_learns_in_every_regime(regime):
    small = small_dataset(subjects=40)
    fitted = recommended(regime, trials=1).fit(small, seed=0)
    assert fitted.weights[regime.value]
    assert np.isfinite(fitted.scores(small.batch())).all()


@pytest.mark.parametrize("regime", Regime)
def test_a_trial_never_learns_what_it_asks_for(dataset, regime):
    for trial in InnerSplit(regime, folds=4, trials=3).cut(dataset, seed=2):
        assert len(trial.train.interactions) < len(dataset.interactions)
        asked = trial.gains > 0
        assert asked.any()
        assert (trial.admissible | ~asked).all()
        if regime is Regime.SUBJECT_COLD:
            assert len(trial.batch.history) == 0
        else:
            known = trial.batch.history_matrix(dataset.items).toarray() > 0
            assert not (known & asked).any()


def test_compact_keeps_the_order_where_the_rank_allows(dataset, fitted):
    small = compact(fitted.linear, dataset.batch(), dimensions=len(dataset.items))
    assert small.compact
    assert small.represent(dataset.batch()).shape == (dataset.subjects, len(dataset.items))
    before, after = (
        model.scores(dataset.batch()) - model.scores(dataset.batch()).mean(axis=1, keepdims=True)
        for model in (fitted.linear, small)
    )
    np.testing.assert_allclose(before - before.mean(), after - after.mean(), atol=5e-3 * before.std())


def test_fewer_dimensions_lose_little_and_are_as_many_as_asked(dataset, fitted):
    small = compact(fitted.linear, dataset.batch(), dimensions=6)
    assert small.item_factors.shape == (6, len(dataset.items))
    full, short = (top_places(model.scores(dataset.batch()), 5) for model in (fitted.linear, small))
    shared = np.mean([len(set(a) & set(b)) / 5 for a, b in zip(full, short, strict=True)])
    assert shared > 0.7


def test_an_export_of_too_many_dimensions_is_refused(dataset, fitted):
    with pytest.raises(ValueError, match="wanted 1 to 128"):
        compact(fitted.linear, dataset.batch(), dimensions=MOST_DIMENSIONS + 1)


def test_the_export_survives_the_disk(dataset, fitted, tmp_path):
    small = compact(fitted.linear, dataset.batch(), dimensions=6)
    save_affinity(tmp_path / "affinity", small, MANIFEST)
    loaded, _ = load_affinity(tmp_path / "affinity")
    assert loaded.compact
    np.testing.assert_array_equal(loaded.represent(dataset.batch()), small.represent(dataset.batch()))


def test_the_export_has_a_place_for_nobody(dataset, fitted, tmp_path):
    """Models hold no factors of a person: no array is as long as there were people, in any direction."""
    save_affinity(tmp_path / "affinity", compact(fitted.linear, dataset.batch(), dimensions=6), MANIFEST)
    stored = load_artifact(tmp_path / "affinity", KIND)
    shapes = {name: array.shape for name, array in stored.arrays.items()}
    assert shapes
    assert not [name for name, shape in shapes.items() if dataset.subjects in shape]


def test_shapes_that_do_not_fit_are_refused(dataset, fitted, tmp_path):
    save_affinity(tmp_path / "affinity", fitted.linear, MANIFEST)
    stored = load_artifact(tmp_path / "affinity", KIND)
    arrays = dict(stored.arrays) | {"bias": np.zeros(3, np.float32)}
    save_artifact(tmp_path / "affinity", MANIFEST, stored.specification, arrays)
    with pytest.raises(ArtifactError, match="bias has shape") as refused:
        load_affinity(tmp_path / "affinity")
    assert refused.value.code == "schema"


def test_without_blocks_an_affinity_is_its_bias():
    plain = LinearAffinity(("a", "b"), (), frozen([0.0, 1.0]))
    np.testing.assert_array_equal(plain.scores(SubjectBatch(Features.none(2))), [[0, 1], [0, 1]])


def test_nothing_to_weigh_by_gives_no_weights(dataset):
    empty = dataset.with_interactions(Interactions.none())
    assert AffinityStack(PARTS).fit(empty, seed=0).weights == {"warm": {}, "subject_cold": {}}


@given(
    st.integers(1, 9),
    arrays(np.float32, (4, 6), elements=st.sampled_from([-np.inf, 0.0, 1.0, 2.0, 3.5])),
)
def test_the_best_places_are_those_of_a_stable_sort(k, scores):
    expected = np.full((4, k), -1)
    expected[:, : min(k, 6)] = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    np.testing.assert_array_equal(top_places(scores, k), expected)


def test_ndcg_by_hand():
    gains = np.array([[0.0, 3.0, 1.0], [0.0, 0.0, 0.0]])
    scores = np.array([[3.0, 2.0, 1.0], [1.0, 1.0, 1.0]])
    reached = ndcg(scores, gains, k=2)
    assert reached[0] == pytest.approx((3 / np.log2(3)) / (3 + 1 / np.log2(3)))
    assert np.isnan(reached[1])
