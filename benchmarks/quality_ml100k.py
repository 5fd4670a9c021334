"""`quality-ml100k`: the sanity check on public ground.

Known users, new users and new films of MovieLens 100k.
"""

from __future__ import annotations

from benchmarks.comparison import compare
from benchmarks.datasets.movielens import MovieLens
from benchmarks.result import Result
from benchmarks.stock import BASELINES, of
from models.affinity.recommended import recommended
from models.affinity.validation import Regime

SEEDS = (0, 1, 2)


def run(quick: bool) -> list[Result]:
    """The three protocols on the fixed splits; quick takes the first seed only, and one inner trial."""
    data = MovieLens.read()
    seeds = SEEDS[:1] if quick else SEEDS
    results: list[Result] = []
    for protocol, make, regime in (
        ("warm", data.warm, Regime.WARM),
        ("item_cold", data.item_cold, Regime.ITEM_COLD),
        ("user_cold", data.user_cold, Regime.SUBJECT_COLD),
    ):
        name = f"{protocol}_ndcg10"
        cases = [make(seed) for seed in seeds]
        ours = recommended(regime, trials=1 if quick else None)
        results += compare(name, f"{name}_difference", cases, of(ours), BASELINES[protocol])
    return results
