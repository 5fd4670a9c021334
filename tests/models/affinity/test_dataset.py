"""Data sets and batches: checked, frozen, aligned by name."""

from __future__ import annotations

import numpy as np
import pytest

from models.affinity.dataset import (
    AffinityDataError,
    AffinityDataset,
    Features,
    Interactions,
    SubjectBatch,
)


def test_features_align_by_name_dropping_what_is_unknown():
    features = Features.from_indicators([["age=20", "sex=F"], ["sex=M"]])
    aligned = features.aligned(("sex=M", "district=east", "sex=F")).toarray()
    np.testing.assert_array_equal(aligned, [[0, 0, 1], [1, 0, 0]])


def test_a_missing_value_is_to_be_left_out():
    with pytest.raises(AffinityDataError, match="leave an unknown value out"):
        Features(np.array([[np.nan]]), ("age",))


def test_names_and_columns_must_agree():
    with pytest.raises(AffinityDataError, match="2 columns but 1 names"):
        Features(np.ones((1, 2)), ("age",))
    with pytest.raises(AffinityDataError, match="stands twice"):
        Features(np.ones((1, 2)), ("age", "age"))


def test_interactions_are_frozen_and_in_one_order():
    taken = Interactions.of([1, 0, 0], [0, 2, 1], [1, 2, 3], [5.0, 4.0, 3.0])
    assert list(zip(taken.subject, taken.item, taken.weight, strict=True)) == [
        (0, 1, 3),
        (0, 2, 2),
        (1, 0, 1),
    ]
    with pytest.raises(ValueError, match="read-only"):
        taken.weight[0] = 9


def test_weights_must_be_positive():
    with pytest.raises(AffinityDataError, match="positive"):
        Interactions.of([0], [0], [0.0])


def test_an_interaction_with_nobody_is_refused():
    with pytest.raises(AffinityDataError, match="past the last subject"):
        AffinityDataset(Features.none(1), Features.none(3), Interactions.of([1], [0]), ("a", "b", "c"))
    with pytest.raises(AffinityDataError, match="past the last item"):
        AffinityDataset(Features.none(1), Features.none(1), Interactions.of([0], [1]), ("a",))


def test_repeated_interactions_add_up():
    dataset = AffinityDataset(
        Features.none(1), Features.none(2), Interactions.of([0, 0, 0], [1, 1, 0], [2, 3, 1]), ("a", "b")
    )
    np.testing.assert_array_equal(dataset.matrix().toarray(), [[1, 5]])


def test_history_is_read_by_id():
    batch = SubjectBatch(Features.none(2), Interactions.of([0, 0, 1], [0, 1, 1]), ("gone", "b"))
    np.testing.assert_array_equal(batch.history_matrix(("a", "b")).toarray(), [[0, 1], [0, 1]])


def test_the_day_ranked_for_is_the_mean_of_the_history_unless_told():
    history = Interactions.of([0, 0], [0, 1], [1, 3], [10.0, 20.0])
    batch = SubjectBatch(Features.none(2), history, ("a", "b"))
    assert batch.days[0] == 17.5
    assert np.isnan(batch.days[1])
    assert SubjectBatch(Features.none(1), at=np.array([5.0])).days[0] == 5.0


def test_rows_keep_their_history():
    history = Interactions.of([0, 1, 2], [0, 1, 0])
    batch = SubjectBatch(Features.none(3), history, ("a", "b")).rows(np.array([2, 1]))
    np.testing.assert_array_equal(batch.history_matrix(("a", "b")).toarray(), [[1, 0], [0, 1]])
