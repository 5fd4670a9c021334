"""Ours beside its baselines on the same folds: mean of the seeds, paired difference, its standard error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from benchmarks.datasets.case import Case
from benchmarks.result import Result
from benchmarks.stock import Baseline

PerSubject = npt.NDArray[np.float64]


def compare(
    name: str, difference: str, cases: Sequence[Case], ours: Baseline, baselines: Mapping[str, Baseline]
) -> list[Result]:
    """Results `name`, `difference`, `<difference>_se` and one for each baseline."""
    reached = [case.ndcg10(ours(case)) for case in cases]
    others = {peer: [case.ndcg10(model(case)) for case in cases] for peer, model in baselines.items()}
    value = _mean(reached)
    strongest = max(others, key=lambda peer: _mean(others[peer]))
    best = _mean(others[strongest])
    error = _standard_error(cases, reached, others[strongest])
    return [
        Result(name, value, "nDCG@10", strongest, best, value / best),
        Result(difference, value - best, "nDCG@10", strongest),
        Result(f"{difference}_se", error, "nDCG@10", strongest),
        *(Result(f"{name}: {peer}", _mean(scored), "nDCG@10") for peer, scored in others.items()),
    ]


def _mean(by_seed: Sequence[PerSubject]) -> float:
    """The mean over seeds of the mean over subjects with a test item."""
    return float(np.mean([np.nanmean(one) for one in by_seed]))


def _standard_error(cases: Sequence[Case], ours: list[PerSubject], peer: list[PerSubject]) -> float:
    """Of the paired difference, over subjects: one met under several seeds counts once, with its mean."""
    by_subject: dict[str, list[float]] = {}
    for case, mine, theirs in zip(cases, ours, peer, strict=True):
        for subject, gap in zip(case.subjects, mine - theirs, strict=True):
            if np.isfinite(gap):
                by_subject.setdefault(subject, []).append(float(gap))
    gaps = np.array([np.mean(seen) for seen in by_subject.values()])
    return float(gaps.std(ddof=1) / np.sqrt(len(gaps)))
