"""Learning the weights of terms: penalised likelihood, with the sign that fairness demands held to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import optimize, sparse

from models.ranking.terms import Terms
from models.ranking.use_model import UseModel, family_of

Floats = npt.NDArray[np.float64]
NEVER_NEGATIVE: Final = (
    *("interest:looked<=", "interest:asked<=", "interest:begun<=", "event:probability"),
    *("like:affinity", "effort:ready", "time:due<=", "time:opens<="),
)
"""Being nearer to its day, readier, likelier or more looked for never ranks an entry lower."""
NEVER_POSITIVE: Final = ("effort:missing", "tired:")
"""Asking for more papers, or having been shown in vain, never ranks an entry higher."""
PENALTIES: Final = (
    ("what:always", 1e-4),
    ("like:item=", 40.0),
    ("like:theme=", 40.0),
    ("time:item=", 3.0),
    ("what:item=", 1.0),
    ("event:item=", 3.0),
    ("again:item=", 2.0),
    ("", 1.0),
)
"""By the beginning of a term's name, the first that fits: how hard its weight is held to nothing."""


class TooFewTakenUp(ValueError):
    """Not enough was taken up, within what is observed, to learn from; says how much there was."""


@dataclass(frozen=True, slots=True)
class Example:
    """One entry of a past page and whether a case of it was opened within the quarter after."""

    terms: Terms
    taken_up: bool


@dataclass(frozen=True, slots=True)
class FitConfig:
    """How the weights are learned."""

    least_taken_up: int = 60
    least_examples: int = 20
    """Of a term: rarer ones weigh nothing, being too rare to learn from."""
    iterations: int = 150
    penalty: float = 1.0
    """Multiplies all of PENALTIES."""


def fit_use(examples: Sequence[Example], config: FitConfig) -> UseModel:
    """The weights of the likeliest model. Raises TooFewTakenUp."""
    taken_up = np.asarray([one.taken_up for one in examples], dtype=np.float64)
    positive = int(taken_up.sum())
    if positive < config.least_taken_up or positive == len(examples):
        raise TooFewTakenUp(f"{positive} of {len(examples)} entries were taken up: add history")
    names = _names(examples, config.least_examples)
    rows = _rows(examples, names)
    weights = _maximise(rows, taken_up, names, config)
    kept = {name: float(weight) for name, weight in zip(names, weights, strict=True) if weight}
    means = np.asarray(rows.mean(axis=0)).ravel() * weights
    usual: dict[str, float] = {}
    for name, mean in zip(names, means, strict=True):
        usual[family_of(name)] = usual.get(family_of(name), 0.0) + float(mean)
    return UseModel(kept, usual)


def _names(examples: Sequence[Example], least: int) -> list[str]:
    counts = Counter(name for one in examples for name in one.terms)
    return sorted(name for name, count in counts.items() if count >= least)


def _rows(examples: Sequence[Example], names: Sequence[str]) -> Any:
    place = {name: at for at, name in enumerate(names)}
    columns: list[int] = []
    values: list[float] = []
    ends = [0]
    for one in examples:
        for name, value in one.terms.items():
            at = place.get(name)
            if at is not None:
                columns.append(at)
                values.append(value)
        ends.append(len(columns))
    cells = (np.asarray(values), np.asarray(columns, dtype=np.int32), np.asarray(ends, dtype=np.int64))
    return sparse.csr_array(cells, shape=(len(examples), len(names)))


def _maximise(rows: Any, taken_up: Floats, names: Sequence[str], config: FitConfig) -> Floats:
    penalty = config.penalty * np.asarray([_penalty(name) for name in names])
    across = rows.T.tocsr()

    def loss(weights: Floats) -> tuple[float, Floats]:
        odds = rows @ weights
        likely = 0.5 * (1.0 + np.tanh(0.5 * odds))
        value = np.logaddexp(0.0, odds).sum() - taken_up @ odds + 0.5 * (penalty * weights) @ weights
        return float(value), across @ (likely - taken_up) + penalty * weights

    rate = taken_up.mean()
    start = np.where(np.asarray(names) == "what:always", np.log(rate / (1 - rate)), 0.0)
    found = optimize.minimize(
        loss,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[_bounds(name) for name in names],
        options={"maxiter": config.iterations, "maxcor": 10},
    )
    return np.asarray(found.x, dtype=np.float64)


def _penalty(name: str) -> float:
    return next(held for beginning, held in PENALTIES if name.startswith(beginning))


def _bounds(name: str) -> tuple[float | None, float | None]:
    if name.startswith(NEVER_NEGATIVE):
        return 0.0, None
    return (None, 0.0) if name.startswith(NEVER_POSITIVE) else (None, None)
