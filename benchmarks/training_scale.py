"""`training-scale`: the recommended ensemble learned from a million subjects and 20 interactions of each.

Every size is learned in a process of its own, so that its memory is its own; data are made before the clock
starts. That something was learned is shown beside popularity, on one item withheld of each of some subjects.
"""

from __future__ import annotations

import json
import math
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from benchmarks.datasets.town import Town, made
from benchmarks.result import Result
from models.affinity.metrics import ndcg
from models.affinity.popularity import Popularity
from models.affinity.protocol import FittedAffinity
from models.affinity.recommended import recommended
from models.affinity.validation import Regime

SIZES: Final = (100_000, 1_000_000)
QUICK_SIZES: Final = (20_000, 200_000)
ITEMS: Final = 4_000
QUICK_ITEMS: Final = 1_000
ASKED: Final = 2_000
"""Subjects whose withheld item is ranked among all."""
SEED: Final = 1
KIB_IN_GIB: Final = 1 << 20


def run(quick: bool) -> list[Result]:
    """Time and memory of both sizes; quick takes a fifth of the subjects, fewer items and one inner trial."""
    sizes, items = (QUICK_SIZES, QUICK_ITEMS) if quick else (SIZES, ITEMS)
    small, large = (_apart(size, items, quick) for size in sizes)
    growth = math.log(large["seconds"] / small["seconds"]) / math.log(sizes[1] / sizes[0])
    label = "200k" if quick else "1m"
    return [
        Result(f"minutes_{label}", large["seconds"] / 60, "min"),
        Result("growth", growth, "exponent of time"),
        Result("peak_memory_gb", large["peak_memory_gb"], "GiB"),
        Result("interactions", large["interactions"], "count"),
        Result(f"minutes_{'20k' if quick else '100k'}", small["seconds"] / 60, "min"),
        Result(
            "ndcg10",
            large["ndcg10"],
            "nDCG@10",
            "popularity",
            large["popularity"],
            large["ndcg10"] / large["popularity"],
        ),
    ]


def _apart(subjects: int, items: int, quick: bool) -> dict[str, float]:
    """What `measured` says, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.training_scale", str(subjects), str(items), str(int(quick))]
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=root)
    if done.returncode != 0:
        raise RuntimeError(f"learning from {subjects} subjects failed: {done.stderr.strip()[-500:]}")
    measured: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return measured


def measured(subjects: int, items: int, quick: bool) -> dict[str, float]:
    """Seconds to learn, the most memory this process ever held, and how good the ranking is."""
    town = made(subjects, items, SEED)
    model = recommended(Regime.WARM, trials=1 if quick else None)
    started = time.perf_counter()
    fitted = model.fit(town.data, seed=SEED)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB_IN_GIB
    return {
        "seconds": seconds,
        "peak_memory_gb": peak,
        "interactions": float(len(town.data.interactions)),
        "ndcg10": _reached(fitted, town),
        "popularity": _reached(Popularity(half_life=None).fit(town.data, seed=SEED), town),
    }


def _reached(fitted: FittedAffinity, town: Town) -> float:
    """Mean nDCG at 10 of the withheld item among all, for subjects spread over the town."""
    who = np.linspace(0, town.data.subjects - 1, min(ASKED, town.data.subjects)).astype(np.intp)
    gains: npt.NDArray[np.float32] = np.zeros((len(who), len(town.data.items)), dtype=np.float32)
    gains[np.arange(len(who)), town.withheld[who]] = 1.0
    scores = fitted.scores(town.data.batch().rows(who))
    return float(ndcg(scores, gains, k=10).mean())


if __name__ == "__main__":
    told = [int(each) for each in sys.argv[1:4]]
    print(json.dumps(measured(told[0], told[1], bool(told[2]))))
