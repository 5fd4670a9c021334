"""What each part is for, on worlds small enough to know the answer."""

from __future__ import annotations

import numpy as np
import pytest

from models.affinity.dataset import AffinityDataError, AffinityDataset, Features, Interactions, SubjectBatch
from models.affinity.demographic_logit import DemographicLogit
from models.affinity.demographic_ridge import DemographicRidge
from models.affinity.inputs import InputEncoder, products_of
from models.affinity.item_cold_start import ItemColdStart
from models.affinity.item_item import MOST_ITEMS, ItemItem
from models.affinity.lightfm import HybridWarp
from models.affinity.popularity import Popularity
from models.affinity.spectral import Spectral
from models.affinity.targets import MOST_PRODUCTS, FeatureTerms, Target
from tests.contracts import small_dataset


def world(pairs, subjects: int, items: int, *, features=None, item_features=None, time=None, weight=None):
    who, what = zip(*pairs, strict=True)
    return AffinityDataset(
        features or Features.none(subjects),
        item_features or Features.none(items),
        Interactions.of(who, what, weight, time),
        tuple(f"i{at}" for at in range(items)),
    )


def history(dataset, *items: int) -> SubjectBatch:
    return SubjectBatch(Features.none(1), Interactions.of([0] * len(items), items), dataset.items)


class TestPopularity:
    PAIRS = tuple((subject, subject // 10) for subject in range(20))

    def dataset(self):
        days = [100.0 + n for n in range(10)] + [200.0 + n for n in range(10)]
        return world(self.PAIRS, 20, 2, time=days)

    def at(self, day: float) -> SubjectBatch:
        return SubjectBatch(Features.none(1), at=np.array([day]))

    def test_each_period_has_its_own_favourite(self):
        fitted = Popularity(half_life=10.0, shrinkage=1.0).fit(self.dataset(), seed=0)
        early, late = (fitted.scores(self.at(day))[0] for day in (110.0, 209.0))
        assert early[0] > early[1]
        assert late[1] > late[0]

    def test_a_causal_one_does_not_look_ahead(self):
        later = self.dataset()
        before = later.interactions.take(later.interactions.time < 150)
        fitted = [
            Popularity(half_life=10.0, shrinkage=1.0, causal=True).fit(d, seed=0).scores(self.at(120.0))[0]
            for d in (later, later.with_interactions(before))
        ]
        gaps = [scores[0] - scores[1] for scores in fitted]
        assert gaps[0] > 0
        assert gaps[1] > 0

    def test_weights_count(self):
        dataset = world([(0, 0), (1, 1)], 2, 2, weight=[1, 5])
        scores = Popularity().fit(dataset, seed=0).scores(SubjectBatch(Features.none(1)))[0]
        assert scores[1] > scores[0]
        level = Popularity(weight_power=0.0).fit(dataset, seed=0).scores(SubjectBatch(Features.none(1)))[0]
        assert level[1] == pytest.approx(level[0])


class TestHistoryModels:
    PAIRS = tuple((s, i) for s in range(20) for i in ((0, 1) if s % 2 else (2, 3)))

    @pytest.mark.parametrize("model", [ItemItem(regularisation=1.0), Spectral(dimensions=2)])
    def test_what_goes_together_is_recommended_together(self, model):
        dataset = world(self.PAIRS, 20, 4)
        scores = model.fit(dataset, seed=0).scores(history(dataset, 0))[0]
        assert scores[1] > max(scores[2], scores[3])

    def test_no_item_speaks_for_itself(self):
        dataset = world(self.PAIRS, 20, 4)
        assert ItemItem(regularisation=1.0).fit(dataset, seed=0).scores(history(dataset, 0))[0, 0] == 0

    def test_item_item_refuses_a_catalogue_too_large_for_a_dense_gram(self):
        wide = AffinityDataset(
            Features.none(1),
            Features.none(MOST_ITEMS + 1),
            Interactions.none(),
            tuple(map(str, range(MOST_ITEMS + 1))),
        )
        with pytest.raises(AffinityDataError, match="use Spectral"):
            ItemItem().fit(wide, seed=0)

    def test_lightfm_ranks_by_history_it_was_never_given_an_identity_for(self):
        dataset = world([(s, i) for s in range(200) for i in ((0, 1, 2) if s % 2 else (3, 4, 5))], 200, 6)
        scores = HybridWarp(dimensions=8, epochs=20).fit(dataset, seed=0).scores(history(dataset, 0))[0]
        assert scores[[1, 2]].min() > scores[[3, 4, 5]].max()


class TestDemographics:
    @staticmethod
    def crossed() -> AffinityDataset:
        """Item 0 for women of the east and men of the west, item 1 for the others: only a product tells."""
        rows, pairs = [], []
        for subject in range(80):
            east, woman = subject % 2, (subject // 2) % 2
            rows.append([f"district={'east' if east else 'west'}", f"sex={'F' if woman else 'M'}"])
            pairs.append((subject, int(east == woman)))
        return world(pairs, 80, 2, features=Features.from_indicators(rows))

    @pytest.mark.parametrize(
        "model",
        [
            DemographicRidge(terms=FeatureTerms(order=2, regularisation=1.0, product_regularisation=1.0)),
            DemographicRidge(terms=FeatureTerms(2, 3, 1.0, 1.0), target=Target.ROOT_SHARE, sharing=0.5),
            DemographicLogit(terms=FeatureTerms(order=2, regularisation=0.1, product_regularisation=0.1)),
        ],
    )
    def test_products_of_features_are_learned(self, model):
        dataset = self.crossed()
        fitted = model.fit(dataset, seed=0)
        batch = SubjectBatch(
            Features.from_indicators([["district=east", "sex=F"], ["district=east", "sex=M"]])
        )
        same, other = fitted.scores(batch)
        assert same[1] > same[0]
        assert other[0] > other[1]

    def test_thresholds_of_one_ladder_are_not_multiplied_but_genres_of_one_film_are(self):
        features = Features.from_indicators([["age>=20", "age>=30", "genre=war", "genre=love"]] * 4)
        assert ("genre=love", "genre=war") in products_of(features, 2, 1)
        assert ("age>=20", "age>=30") not in products_of(features, 2, 1)
        assert ("age>=20", "genre=love") in products_of(features, 2, 1)

    def test_products_stay_within_bounds_however_many_features_there_are(self):
        rows = np.random.default_rng(0).random((40, 250)) < 0.3
        names = [[f"g{at}=1" for at in np.flatnonzero(row)] for row in rows]
        encoder = FeatureTerms(order=4, least=1).encoder(Features.from_indicators(names))
        assert len(encoder.features) == 250
        assert len(encoder.products) <= MOST_PRODUCTS

    def test_penalties_do_not_depend_on_a_model_being_given_whole_numbers(self):
        encoder = InputEncoder(features=("sex=F", "sex=M"), products=(("sex=F", "sex=M"),))
        rows = encoder.encode(SubjectBatch(Features.from_indicators([["sex=F"], ["sex=M"]])))
        whole, broken = (FeatureTerms(2, 1, 0.5, one).penalties(encoder, rows) for one in (1, 1.0))
        np.testing.assert_array_equal(whole, broken)


class TestItemColdStart:
    def test_a_new_item_takes_after_those_it_resembles(self):
        rows = [["theme=school"]] * 3 + [["theme=pension"]] * 3
        pairs = [(s, i) for s in range(40) for i in ((0, 1) if s % 2 else (3, 4))]
        dataset = world(pairs, 40, 6, item_features=Features.from_indicators(rows))
        model = ItemColdStart(Spectral(dimensions=2), terms=FeatureTerms(1, 1, 0.1, 0.1), noise=0.0)
        scores = model.fit(dataset, seed=0).scores(history(dataset, 0))[0]
        assert scores[2] > scores[5]

    def test_known_items_keep_their_scores(self):
        dataset = small_dataset()
        base = Spectral(dimensions=4)
        plain, completed = (
            m.fit(dataset, seed=0).scores(dataset.batch()) for m in (base, ItemColdStart(base))
        )
        np.testing.assert_allclose(plain[:, :-2], completed[:, :-2], rtol=1e-5, atol=1e-6)
        assert np.abs(completed[:, -2:]).max() > 0
