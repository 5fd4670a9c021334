"""`quality-ml100k`: the sanity check on public ground.

Known users, new users and new films of MovieLens 100k.
"""

from __future__ import annotations

from dataclasses import replace

from benchmarks.comparison import compare
from benchmarks.datasets.movielens import MovieLens
from benchmarks.result import Result
from benchmarks.stock import BASELINES, of
from models.affinity.demographic_ridge import DemographicRidge
from models.affinity.item_cold_start import ItemColdStart
from models.affinity.item_item import ItemItem
from models.affinity.lightfm import HybridWarp
from models.affinity.popularity import Popularity
from models.affinity.protocol import LinearModel
from models.affinity.spectral import Spectral
from models.affinity.stack import AffinityStack
from models.affinity.targets import FeatureTerms
from models.affinity.validation import InnerSplit, Regime

SEEDS = (0, 1, 2)


def _spectral(
    dimensions: int, history_power: float, item_power: float, steepness: float | None = None
) -> Spectral:
    name = f"spectral {dimensions} {history_power:g} {item_power:g} {steepness}"
    return Spectral(name, dimensions, steepness, history_power, item_power)


def _item_item(regularisation: float, history_power: float, item_power: float) -> ItemItem:
    name = f"item-item {regularisation:g} {history_power:g} {item_power:g}"
    return ItemItem(name, regularisation, history_power, item_power)


def _near(half_life: float) -> Popularity:
    """Interpolation between dated interactions on both sides, as the split is at random in time."""
    return Popularity(f"popularity {half_life:g}", half_life, causal=False)


def _ridge(order: int, single: float, product: float, sharing: float) -> DemographicRidge:
    return DemographicRidge(
        name=f"ridge {order} {single:g} {product:g} {sharing:g}",
        terms=FeatureTerms(order=order, regularisation=single, product_regularisation=product),
        sharing=sharing,
    )


def _for_new_items(base: LinearModel, order: int, single: float, product: float) -> ItemColdStart:
    return ItemColdStart(
        base,
        name=f"{base.name} for new items {order} {single:g} {product:g}",
        terms=FeatureTerms(order=order, regularisation=single, product_regularisation=product),
        noise=0.0,
    )


WARM = AffinityStack(
    parts=(
        _item_item(400.0, 0.0, 0.0),
        _item_item(50.0, 0.25, 0.0),
        _item_item(6.0, 0.25, 0.25),
        _spectral(16, 0.25, 0.25, 4.0),
        _spectral(16, 0.25, 0.4, 8.0),
        _spectral(12, 0.25, 0.4, 4.0),
        _spectral(16, 0.5, 0.25, 4.0),
        _near(5.0),
        _near(15.0),
        _near(60.0),
        HybridWarp("lightfm 16", dimensions=16, epochs=25),
        HybridWarp("lightfm 32", epochs=25, item_regularisation=1e-4, subject_regularisation=1e-4),
    ),
    splits=(InnerSplit(Regime.WARM, folds=5, trials=2),),
)

USER_COLD = AffinityStack(
    parts=(
        _ridge(1, 50.0, 0.0, 0.0),
        _ridge(1, 100.0, 0.0, 0.0),
        _ridge(2, 100.0, 200.0, 0.0),
        _ridge(2, 50.0, 100.0, 0.3),
        _ridge(1, 20.0, 0.0, 0.5),
        _ridge(1, 40.0, 0.0, 0.5),
        _ridge(2, 30.0, 60.0, 0.5),
        _ridge(1, 5.0, 0.0, 1.0),
        Popularity(half_life=None),
    ),
    splits=(InnerSplit(Regime.SUBJECT_COLD, folds=5, trials=5),),
)

ITEM_COLD = AffinityStack(
    parts=(
        _for_new_items(_spectral(32, 0.25, 0.25), 2, 30.0, 60.0),
        _for_new_items(_spectral(32, 0.25, 0.25), 2, 100.0, 100.0),
        _for_new_items(_spectral(16, 0.25, 0.25), 2, 60.0, 120.0),
        _for_new_items(_spectral(64, 0.25, 0.25), 2, 60.0, 120.0),
        _for_new_items(_spectral(32, 0.25, 0.25), 1, 60.0, 60.0),
        _for_new_items(_ridge(1, 50.0, 0.0, 0.0), 2, 30.0, 60.0),
        _for_new_items(_near(30.0), 2, 30.0, 60.0),
        HybridWarp("lightfm 16", dimensions=16, epochs=20),
    ),
    splits=(InnerSplit(Regime.ITEM_COLD, folds=5, trials=3),),
)


def run(quick: bool) -> list[Result]:
    """The three protocols on the fixed splits; quick takes the first seed only, and one inner trial."""
    data = MovieLens.read()
    seeds = SEEDS[:1] if quick else SEEDS
    results: list[Result] = []
    for protocol, make, stack in (
        ("warm", data.warm, WARM),
        ("item_cold", data.item_cold, ITEM_COLD),
        ("user_cold", data.user_cold, USER_COLD),
    ):
        name = f"{protocol}_ndcg10"
        cases = [make(seed) for seed in seeds]
        ours = replace(stack, splits=(replace(stack.splits[0], trials=1),)) if quick else stack
        results += compare(name, f"{name}_difference", cases, of(ours), BASELINES[protocol])
    return results
