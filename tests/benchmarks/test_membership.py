"""The attack on membership sees who a model knows one by one, and in what we learn finds little of it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from benchmarks.privacy_attacks.membership import Attacked, Learn, membership
from models.affinity.dataset import AffinityDataset, Features, Interactions
from models.affinity.demographic_ridge import DemographicRidge
from models.affinity.linear import LinearAffinity
from models.affinity.targets import FeatureTerms
from pipelines.train.recipe import recipe

ITEMS, TRAITS, EACH = 40, 60, 8


def strangers_all(people: int) -> AffinityDataset:
    """People whose traits tell nothing of what they take: what a model makes of them it knows by heart."""
    rng = np.random.default_rng(people)
    traits = sparse.csr_array(rng.random((people, TRAITS)) < 0.5, dtype=np.float32)
    popular = rng.dirichlet(np.full(ITEMS, 0.5))
    who = np.repeat(np.arange(people), EACH)
    what = rng.choice(ITEMS, len(who), p=popular)
    taken = Interactions.of(who, what, time=rng.uniform(20_000, 20_400, len(who)))
    features = Features(traits, tuple(f"trait{n}=yes" for n in range(TRAITS)))
    return AffinityDataset(features, Features.none(ITEMS), taken, tuple(f"item{n}" for n in range(ITEMS)))


def by_heart(dataset: AffinityDataset, seed: int) -> LinearAffinity:
    terms = FeatureTerms(order=1, regularisation=0.1)
    return DemographicRidge(terms=terms).fit(dataset, seed=seed)


def as_a_run(dataset: AffinityDataset, seed: int) -> LinearAffinity:
    return recipe().stack().fit(dataset, seed=seed).linear


def attacked(learn: Learn, people: int) -> Attacked:
    return membership(strangers_all(people), learn, 1, shadows=1)


def test_a_model_that_knows_people_by_heart_is_found_out() -> None:
    assert attacked(by_heart, 400).best > 0.8


@pytest.mark.parametrize("people", [200, 800])
def test_what_a_run_learns_knows_hardly_anybody_by_heart(people: int) -> None:
    found = attacked(as_a_run, people)
    assert found.best < 0.5 + 2 * found.error
    assert found.best < attacked(by_heart, people).best - 0.1
