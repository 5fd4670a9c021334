"""The inner trial looks like use: nothing after its day is learned from."""

from __future__ import annotations

import numpy as np

from models.affinity.dataset import AffinityDataset, Features, Interactions
from pipelines.train.temporal_split import TemporalSplit


def dataset(seed: int = 0) -> AffinityDataset:
    rng = np.random.default_rng(seed)
    who, what = rng.integers(0, 40, 600), rng.integers(0, 8, 600)
    weight = np.where(rng.random(600) < 0.4, 1.0, 0.2)
    taken = Interactions.of(who, what, weight, rng.uniform(20_000, 20_300, 600))
    return AffinityDataset(Features.none(40), Features.none(8), taken, tuple(f"i{n}" for n in range(8)))


def test_it_learns_before_a_day_and_ranks_for_what_came_after() -> None:
    whole = dataset()
    trials = TemporalSplit(days=60).cut(whole, seed=1)
    day = whole.interactions.time.max() - 60
    for trial in trials:
        assert trial.train.interactions.time.max() <= day
        assert trial.batch.history.time.max() <= day
        assert (trial.batch.days == day).all()
        assert trial.admissible.all()


def test_everybody_is_judged_once_and_by_what_was_learned_without_them() -> None:
    whole = dataset()
    last = whole.interactions.time > whole.interactions.time.max() - 60
    before, after = whole.interactions.take(~last), whole.interactions.take(last)
    trials = TemporalSplit(days=60).cut(whole, seed=1)
    judged = []
    for trial in trials:
        learned_from = np.unique(trial.train.interactions.subject)
        unseen = np.setdiff1d(np.unique(before.subject), learned_from)
        assert 0 < len(unseen) <= 40 / 5
        assert len(trial.batch) == len(unseen)
        assert trial.batch.history.weight.sum() == before.weight[np.isin(before.subject, unseen)].sum()
        judged += unseen.tolist()
    assert sorted(judged) == np.intersect1d(before.subject, after.subject).tolist()


def test_no_more_are_judged_than_asked_for() -> None:
    trials = TemporalSplit(days=60, most_subjects=7).cut(dataset(), seed=1)
    assert [len(trial.batch) for trial in trials] == [7]


def test_looks_alone_are_no_gain() -> None:
    looks = Interactions.of(
        [0, 0, 0, 1], [1, 1, 2, 0], [1.0, 0.2, 1.0, 1.0], [20_000.0, 20_090.0, 20_100.0, 20_000.0]
    )
    whole = AffinityDataset(Features.none(2), Features.none(3), looks, ("a", "b", "c"))
    (trial,) = TemporalSplit(days=30).cut(whole, seed=1)
    assert trial.gains.tolist() == [[0.0, 0.0, 1.0]]


def test_what_was_taken_before_may_be_taken_again() -> None:
    yearly = Interactions.of([0, 0, 1], [1, 1, 0], [1.0, 1.0, 1.0], [20_000.0, 20_365.0, 20_000.0])
    whole = AffinityDataset(Features.none(2), Features.none(2), yearly, ("a", "b"))
    (trial,) = TemporalSplit(days=60).cut(whole, seed=1)
    assert trial.gains.tolist() == [[0.0, 1.0]]


def test_where_nobody_is_left_to_learn_from_there_is_no_trial() -> None:
    alone = Interactions.of([0, 0], [1, 1], [1.0, 1.0], [20_000.0, 20_365.0])
    whole = AffinityDataset(Features.none(1), Features.none(2), alone, ("a", "b"))
    assert TemporalSplit(days=60).cut(whole, seed=1) == ()


def test_without_dates_on_both_sides_there_is_no_trial() -> None:
    undated = Interactions.of([0, 1], [0, 1])
    whole = AffinityDataset(Features.none(2), Features.none(2), undated, ("a", "b"))
    assert TemporalSplit().cut(whole, seed=1) == ()
