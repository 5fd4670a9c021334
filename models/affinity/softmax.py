"""The penalised multinomial likelihood that logits of take-up are learned by."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import optimize

from models.affinity.sparse_rows import Csr

Matrix = npt.NDArray[np.float64]


def prior_log_odds(labels: Matrix) -> Matrix:
    """Each item's log share of all labels, with a little for those never taken."""
    floor = 1e-3 * labels.sum() / max(labels.shape[1], 1) + 1e-12
    return np.asarray(np.log(labels.sum(axis=0) + floor))


def maximise(
    rows: Csr,
    labels: Matrix,
    prior: Matrix,
    penalties: Matrix,
    mixing: Matrix | None,
    iterations: int,
) -> Matrix:
    """Weights (inputs, items) of the softmax of prior + rows @ weights, penalised before the mixing."""
    shape = (rows.shape[1], labels.shape[1])
    size = labels.sum(axis=1, keepdims=True)
    unit = max(float(size.sum()), 1e-9)
    transposed = rows.T.tocsr()

    def loss(flat: Matrix) -> tuple[float, Matrix]:
        weights = flat.reshape(shape)
        logits = rows @ (weights if mixing is None else weights @ mixing) + prior
        logits -= logits.max(axis=1, keepdims=True)
        odds = np.exp(logits)
        partition = odds.sum(axis=1, keepdims=True)
        held = penalties[:, None] * weights
        value = -(labels * (logits - np.log(partition))).sum() + 0.5 * (held * weights).sum()
        slope = transposed @ (odds * (size / partition) - labels)
        slope = (slope if mixing is None else slope @ mixing.T) + held
        return float(value / unit), slope.ravel() / unit

    found = optimize.minimize(
        loss,
        np.zeros(shape[0] * shape[1]),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": iterations, "maxcor": 10},
    )
    weights = np.asarray(found.x, dtype=np.float64).reshape(shape)
    return weights if mixing is None else weights @ mixing
