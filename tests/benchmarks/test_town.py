"""The made-up town of `training-scale`: as large as asked, the same for a seed, with something to learn."""

from __future__ import annotations

import numpy as np

from benchmarks.datasets.town import made
from models.affinity.demographic_ridge import DemographicRidge
from models.affinity.metrics import ndcg
from models.affinity.popularity import Popularity


def test_there_are_twenty_interactions_a_subject():
    town = made(200, 50, seed=3)
    assert town.data.subjects == 200
    assert len(town.data.interactions) == 4_000
    assert len(town.withheld) == 200


def test_the_same_seed_makes_the_same_town():
    first, second, other = made(60, 30, seed=1), made(60, 30, seed=1), made(60, 30, seed=2)
    np.testing.assert_array_equal(first.data.interactions.item, second.data.interactions.item)
    assert (first.data.interactions.item != other.data.interactions.item).any()


def test_features_tell_of_what_is_taken_up():
    town = made(2_000, 60, seed=4)
    gains = np.zeros((2_000, 60))
    gains[np.arange(2_000), town.withheld] = 1.0
    ridge, popular = (
        ndcg(model.fit(town.data, seed=0).scores(town.data.batch()), gains, k=10).mean()
        for model in (DemographicRidge(), Popularity(half_life=None))
    )
    assert ridge > popular
