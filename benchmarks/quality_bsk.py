"""`quality-bsk`: real use of government services.

From a demographic cell's attributes alone, rank all services.
"""

from __future__ import annotations

from benchmarks.comparison import compare
from benchmarks.datasets.bsk import Bsk
from benchmarks.result import Result
from benchmarks.stock import BASELINES, of
from models.affinity.recommended import recommended
from models.affinity.validation import Regime

SEEDS = (0, 1, 2)


def run(quick: bool) -> list[Result]:
    """Cell-cold on the fixed splits; quick takes the first seed only, and one inner trial."""
    data = Bsk.read()
    cases = [data.cell_cold(seed) for seed in (SEEDS[:1] if quick else SEEDS)]
    ours = recommended(Regime.SUBJECT_COLD, trials=1 if quick else None)
    return compare("cell_cold_ndcg10", "difference", cases, of(ours), BASELINES["cell_cold"])
