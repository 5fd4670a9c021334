"""`quality-bsk`: real use of government services.

From a demographic cell's attributes alone, rank all services.
"""

from __future__ import annotations

from benchmarks.comparison import compare
from benchmarks.datasets.bsk import Bsk
from benchmarks.result import Result
from benchmarks.stock import BASELINES, of
from models.affinity.demographic_logit import DemographicLogit
from models.affinity.protocol import LinearModel
from models.affinity.residual_ridge import ResidualRidge
from models.affinity.stack import AffinityStack
from models.affinity.targets import FeatureTerms
from models.affinity.validation import InnerSplit, Regime

SEEDS = (0, 1, 2)


def _logit(
    order: int, single: float, product: float, subject_power: float, sharing: float = 0.0
) -> LinearModel:
    return DemographicLogit(
        name=f"logit {order} {single:g} {product:g} {subject_power:g} {sharing:g}",
        terms=FeatureTerms(order=order, regularisation=single, product_regularisation=product),
        subject_power=subject_power,
        sharing=sharing,
    )


def _corrected(base: LinearModel, order: int = 4) -> LinearModel:
    """With what three and four attributes together still tell."""
    terms = FeatureTerms(order, 1, 5.0, 5.0, groups=("district_id", "gender", "age_group", "community"))
    return ResidualRidge(base, name=f"{base.name}, corrected", terms=terms)


STACK = AffinityStack(
    parts=(
        _logit(2, 10.0, 10.0, 1.0),
        _logit(2, 0.1, 2.0, 0.5),
        _logit(2, 0.1, 4.0, 0.7),
        _logit(2, 0.03, 0.3, 0.5, sharing=0.5),
        _corrected(_logit(2, 0.1, 2.0, 0.5)),
        _corrected(_logit(2, 0.03, 0.3, 0.5, sharing=0.5)),
    ),
    splits=(InnerSplit(Regime.SUBJECT_COLD, folds=5, trials=5),),
)


def run(quick: bool) -> list[Result]:
    """Cell-cold on the fixed splits; quick takes the first seed only."""
    data = Bsk.read()
    cases = [data.cell_cold(seed) for seed in (SEEDS[:1] if quick else SEEDS)]
    return compare("cell_cold_ndcg10", "difference", cases, of(STACK), BASELINES["cell_cold"])
