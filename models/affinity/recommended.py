"""The ensemble to begin with on any data: candidates wide enough, weighed by what the data hold back."""

from __future__ import annotations

from models.affinity.demographic_logit import DemographicLogit
from models.affinity.demographic_ridge import DemographicRidge
from models.affinity.hierarchical_logit import HierarchicalLogit
from models.affinity.hierarchical_poisson import HierarchicalPoisson
from models.affinity.hierarchical_ridge import HierarchicalRidge
from models.affinity.item_cold_start import ItemColdStart
from models.affinity.item_item import ItemItem
from models.affinity.lightfm import HybridWarp
from models.affinity.popularity import Popularity
from models.affinity.protocol import LinearModel
from models.affinity.residual_ridge import ResidualRidge
from models.affinity.spectral import Spectral
from models.affinity.stack import AffinityStack
from models.affinity.targets import FeatureTerms, Target
from models.affinity.validation import InnerSplit, Regime

MOST_WEIGHED = 10_000
"""Subjects the parts are weighed on."""
MOST_IN_LIGHTFM = 5_000
"""Subjects whose every interaction LightFM steps through: it is the slowest part and rarely the best."""

HOPELESS = 0.98
"""Models of features alone are near each other: one clearly behind the best adds nothing to it."""


def recommended(regime: Regime, *, trials: int | None = None) -> AffinityStack:
    """One stack for every data set, to be used where this kind of not-knowing is to be met.

    Fewer `trials` weigh the parts faster and less surely.
    """
    parts, folds, usual = {
        Regime.WARM: (_for_known(), 5, 2),
        Regime.SUBJECT_COLD: (_for_new_subjects(), 5, 5),
        Regime.ITEM_COLD: (_for_new_items(), 5, 3),
    }[regime]
    split = InnerSplit(regime, folds=folds, trials=usual if trials is None else trials)
    hopeless = HOPELESS if regime is Regime.SUBJECT_COLD else 0.0
    return AffinityStack(parts, (split,), most_subjects=MOST_WEIGHED, hopeless=hopeless)


def _for_known() -> tuple[LinearModel, ...]:
    """What goes with the history, in several smoothnesses, and what is taken near the subject's days."""
    return (
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
        _hybrid(16, 25, 1e-5),
        _hybrid(32, 25, 1e-4),
        _ridge(1, 50.0, 0.0),
    )


def _for_new_subjects() -> tuple[LinearModel, ...]:
    """What features alone tell: few of them and binary take-up, or deep products of them and counts."""
    return (
        _ridge(1, 50.0, 0.0),
        _ridge(1, 100.0, 0.0),
        _ridge(2, 100.0, 0.0),
        _ridge(2, 50.0, 0.3),
        _ridge(1, 70.0, 0.15),
        _ridge(1, 50.0, 0.3),
        _ridge(1, 20.0, 0.5),
        _ridge(1, 40.0, 0.5),
        _ridge(2, 30.0, 0.5),
        _ridge(1, 5.0, 1.0),
        Popularity(half_life=None),
        _logit(0.1, 4.0, 0.7),
        _logit(0.03, 0.3, 0.5, sharing=0.5),
        _corrected(_logit(0.1, 2.0, 0.5)),
        _corrected(_logit(0.03, 0.3, 0.5, sharing=0.5)),
        HierarchicalRidge(target=Target.ROOT_SHARE),
        HierarchicalLogit("hierarchical logit 100 0.8", strength=100.0, subject_power=0.8),
        HierarchicalLogit("hierarchical logit 200 0.7", strength=200.0, subject_power=0.7),
        HierarchicalPoisson(),
    )


def _for_new_items() -> tuple[LinearModel, ...]:
    """Factors of the known items as their features let expect them, in several smoothnesses."""
    smooth = _spectral(24, 0.25, 0.25, 4.0)
    return (
        _expected(_spectral(32, 0.25, 0.25), 2, 30.0, 60.0),
        _expected(_spectral(32, 0.25, 0.25), 2, 100.0, 100.0),
        _expected(_spectral(16, 0.25, 0.25), 2, 60.0, 120.0),
        _expected(_spectral(64, 0.25, 0.25), 2, 60.0, 120.0),
        _expected(smooth, 2, 30.0, 60.0),
        _expected(smooth, 2, 100.0, 100.0),
        _expected(smooth, 3, 30.0, 200.0),
        _expected(_item_item(100.0, 0.0, 0.0), 2, 30.0, 60.0),
        _expected(_ridge(1, 50.0, 0.0), 2, 30.0, 60.0),
        _expected(_near(30.0), 2, 30.0, 60.0),
        _hybrid(16, 20, 1e-5),
    )


def _item_item(regularisation: float, history_power: float, item_power: float) -> ItemItem:
    name = f"item-item {regularisation:g} {history_power:g} {item_power:g}"
    return ItemItem(name, regularisation, history_power, item_power)


def _spectral(
    dimensions: int, history_power: float, item_power: float, steepness: float | None = None
) -> Spectral:
    name = f"spectral {dimensions} {history_power:g} {item_power:g} {steepness}"
    return Spectral(name, dimensions, steepness, history_power, item_power)


def _near(half_life: float) -> Popularity:
    """Looks both ways in time, which on the last day, when there is nothing ahead, comes to the same."""
    return Popularity(f"popularity {half_life:g}", half_life, causal=False)


def _ridge(order: int, regularisation: float, sharing: float) -> DemographicRidge:
    terms = FeatureTerms(order, regularisation=regularisation, product_regularisation=2 * regularisation)
    return DemographicRidge(f"ridge {order} {regularisation:g} {sharing:g}", terms, sharing=sharing)


def _logit(single: float, product: float, subject_power: float, sharing: float = 0.0) -> DemographicLogit:
    terms = FeatureTerms(2, regularisation=single, product_regularisation=product)
    name = f"logit {single:g} {product:g} {subject_power:g} {sharing:g}"
    return DemographicLogit(name, terms, subject_power, sharing)


def _corrected(base: LinearModel) -> ResidualRidge:
    """With what three and four features together still tell."""
    terms = FeatureTerms(4, 1, 5.0, 5.0)
    return ResidualRidge(base, f"{base.name}, corrected", terms)


def _hybrid(dimensions: int, epochs: int, held: float) -> HybridWarp:
    return HybridWarp(
        f"lightfm {dimensions}",
        dimensions,
        epochs,
        item_regularisation=held,
        subject_regularisation=held,
        most_subjects=MOST_IN_LIGHTFM,
    )


def _expected(base: LinearModel, order: int, single: float, product: float) -> ItemColdStart:
    terms = FeatureTerms(order, regularisation=single, product_regularisation=product)
    return ItemColdStart(base, f"{base.name} for new items {order} {single:g} {product:g}", terms, noise=0.0)
