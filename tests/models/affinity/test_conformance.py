"""Every part and the stack of them obey the laws of a recommender."""

from __future__ import annotations

import pytest

from models.affinity.demographic_logit import DemographicLogit
from models.affinity.demographic_ridge import DemographicRidge
from models.affinity.hierarchical_logit import HierarchicalLogit
from models.affinity.hierarchical_poisson import HierarchicalPoisson
from models.affinity.hierarchical_ridge import HierarchicalRidge
from models.affinity.item_cold_start import ItemColdStart
from models.affinity.item_item import ItemItem
from models.affinity.lightfm import HybridWarp
from models.affinity.popularity import Popularity
from models.affinity.residual_ridge import ResidualRidge
from models.affinity.spectral import Spectral
from models.affinity.stack import AffinityStack
from models.affinity.targets import Target
from tests.contracts import RecommenderContract


class TestPopularity(RecommenderContract):
    @pytest.fixture
    def model(self):
        return Popularity(half_life=10.0)


class TestItemItem(RecommenderContract):
    @pytest.fixture
    def model(self):
        return ItemItem(regularisation=20.0)


class TestSpectral(RecommenderContract):
    @pytest.fixture
    def model(self):
        return Spectral(dimensions=4)


class TestSpectralFading(RecommenderContract):
    @pytest.fixture
    def model(self):
        return Spectral(dimensions=4, steepness=4.0)


class TestItemItemScaled(RecommenderContract):
    @pytest.fixture
    def model(self):
        return ItemItem(regularisation=2.0, history_power=0.25, item_power=0.25)


class TestDemographicRidge(RecommenderContract):
    @pytest.fixture
    def model(self):
        return DemographicRidge(sharing=0.5)


class TestDemographicLogit(RecommenderContract):
    @pytest.fixture
    def model(self):
        return DemographicLogit()


class TestHybridWarp(RecommenderContract):
    @pytest.fixture
    def model(self):
        return HybridWarp(dimensions=8, epochs=10)


class TestItemColdStart(RecommenderContract):
    @pytest.fixture
    def model(self):
        return ItemColdStart(Spectral(dimensions=4))


class TestStack(RecommenderContract):
    @pytest.fixture
    def model(self):
        parts = (Popularity(half_life=10.0), ItemItem(regularisation=20.0), Spectral(dimensions=4))
        return AffinityStack((*parts, DemographicRidge(), DemographicLogit()))


class TestResidualRidge(RecommenderContract):
    @pytest.fixture
    def model(self):
        return ResidualRidge(DemographicLogit())


class TestHierarchicalLogit(RecommenderContract):
    @pytest.fixture
    def model(self):
        return HierarchicalLogit()


class TestHierarchicalPoisson(RecommenderContract):
    @pytest.fixture
    def model(self):
        return HierarchicalPoisson()


class TestHierarchicalRidge(RecommenderContract):
    @pytest.fixture
    def model(self):
        return HierarchicalRidge()


class TestHierarchicalRidgeOnShares(RecommenderContract):
    @pytest.fixture
    def model(self):
        return HierarchicalRidge(target=Target.ROOT_SHARE)
