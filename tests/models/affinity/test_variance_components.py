"""Whether what groups of features tell is estimated as it was when the data were made."""

from __future__ import annotations

import numpy as np
import pytest

from models.affinity.dataset import AffinityDataset, Features, Interactions, SubjectBatch
from models.affinity.hierarchical_logit import HierarchicalLogit
from models.affinity.hierarchical_poisson import HierarchicalPoisson
from models.affinity.hierarchical_ridge import HierarchicalRidge
from models.affinity.hierarchy import HierarchicalTerms, Hierarchy
from models.affinity.random_effects import Kernels
from models.affinity.targets import Target


def cells(seed: int = 0, items: int = 20) -> AffinityDataset:
    """300 cells of district, age and shoe: take-up follows district and district x age, never the shoe."""
    rng = np.random.default_rng(seed)
    levels = rng.integers([10, 4, 3], size=(300, 3))
    of_district = rng.normal(size=(10, items))
    of_pair = rng.normal(scale=0.7, size=(10, 4, items))
    logits = of_district[levels[:, 0]] + of_pair[levels[:, 0], levels[:, 1]]
    odds = np.exp(logits)
    shares = odds / odds.sum(axis=1, keepdims=True)
    counts = np.array([rng.multinomial(200, share) for share in shares])
    who, what = np.nonzero(counts)
    return AffinityDataset(
        Features.from_indicators([[f"district={d}", f"age={a}", f"shoe={s}"] for d, a, s in levels]),
        Features.none(items),
        Interactions.of(who, what, counts[who, what]),
        tuple(f"i{at}" for at in range(items)),
    )


@pytest.fixture(scope="module")
def known() -> Hierarchy:
    return Hierarchy.of(cells(), HierarchicalTerms(), Target.ROOT_SHARE, 1_000, seed=0)


def variance(known: Hierarchy, *groups: str) -> float:
    """The variance of a group of terms; nought where it was left out."""
    names = [(name,) for name in known.encoder.features] + list(known.encoder.products)
    told = {
        tuple(sorted(part.split("=")[0] for part in name)): float(v)
        for name, v in zip(names, known.variances.of_column, strict=True)
    }
    return told.get(tuple(sorted(groups)), 0.0)


def test_what_tells_is_told_from_what_does_not(known):
    assert variance(known, "district") > 10 * variance(known, "shoe")
    assert variance(known, "district", "age") > 10 * variance(known, "district", "shoe")
    assert variance(known, "district", "age") > variance(known, "age")


def test_noise_falls_with_the_number_of_interactions(known):
    few, many = known.variances.noise(np.array([1.0, 1_000.0]))
    assert few > 10 * many


def test_a_group_that_tells_nothing_hardly_moves_a_score():
    fitted = HierarchicalLogit().fit(cells(), seed=0)
    rows = [[f"district={d}", f"age={a}", f"shoe={s}"] for d in range(5) for a in range(4) for s in range(3)]
    scores = fitted.scores(SubjectBatch(Features.from_indicators(rows))).reshape(20, 3, -1)
    assert scores.std(axis=1).mean() < 0.2 * scores.mean(axis=1).std(axis=0).mean()


def test_the_ridge_finds_the_pairs_that_matter():
    dataset = cells()
    fitted = HierarchicalRidge(target=Target.ROOT_SHARE).fit(dataset, seed=0)
    counts = dataset.matrix().toarray()
    shares = np.sqrt(counts / counts.sum(axis=1, keepdims=True))
    left = shares - fitted.scores(dataset.batch())
    assert left.var() < 0.2 * (shares - shares.mean(axis=0)).var()


def test_an_item_that_follows_what_the_others_do_not_is_told_apart():
    """The last item follows the shoe alone; common variances would have it shrunk away."""
    dataset = cells()
    worn = [int(name[-1]) for name in _worn(dataset)]
    taken = dataset.interactions
    others = taken.take(taken.item != 19)
    extra = Interactions.of(np.arange(300), np.full(300, 19), [5 + 40 * shoe for shoe in worn])
    joined = Interactions.of(
        *(np.concatenate([getattr(each, name) for each in (others, extra)]) for name in ("subject", "item")),
        np.concatenate([others.weight, extra.weight]),
    )
    fitted = HierarchicalPoisson().fit(dataset.with_interactions(joined), seed=0)
    rows = [[f"district={d}", f"age={a}", f"shoe={s}"] for d in range(5) for a in range(4) for s in range(3)]
    scores = fitted.scores(SubjectBatch(Features.from_indicators(rows))).reshape(20, 3, -1)
    by_shoe, by_place = scores[:, :, 19].mean(axis=0), scores[:, :, 19].mean(axis=1)
    assert by_shoe[2] - by_shoe[0] > 1.5
    assert by_place.std() < 0.2 * by_shoe.std()
    assert scores[:, :, 0].mean(axis=1).std() > 3 * scores[:, :, 0].mean(axis=0).std()


def test_counts_scattered_more_than_chance_teach_less():
    """Each cell's own effect is learned: where cells scatter, one cell does not pass for a hundred draws."""
    rng = np.random.default_rng(0)
    shared = np.ones((1, 60, 60))
    even = rng.poisson(np.full(60, 100.0)).astype(np.float64)
    uneven = rng.poisson(100.0 * np.exp(rng.normal(scale=1.0, size=60))).astype(np.float64)
    pooled = np.log([0.1, 0.15])
    owns = [Kernels(shared).effects(counts, np.full(60, 100.0), pooled).logs[-1] for counts in (even, uneven)]
    assert owns[1] > owns[0] + 1.0


def _worn(dataset: AffinityDataset) -> list[str]:
    """Each cell's shoe."""
    names = np.array(dataset.subject_features.names)
    rows = dataset.subject_features.matrix.toarray()
    return [next(name for name in names[row > 0] if name.startswith("shoe=")) for row in rows]


@pytest.mark.parametrize(("groups", "depth"), [(3, 3), (5, 4), (8, 2), (30, 1)])
def test_products_go_only_as_deep_as_their_variances_can_be_estimated(groups, depth):
    rows = [[f"g{group}={(row + group) % 2}" for group in range(groups)] for row in range(20)]
    encoder = HierarchicalTerms().encoder(Features.from_indicators(rows))
    assert max((len(product) for product in encoder.products), default=1) == depth
