"""How good a ranking is: nDCG with gains, averaged over the subjects that have any."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def top_places(
    scores: npt.NDArray[np.floating], k: int, admissible: npt.NDArray[np.bool_] | None = None
) -> npt.NDArray[np.int32]:
    """The places of the k best columns of each row, best first; ties by column, -1 where none is left.

    `admissible` of the same shape fences the choice: what it refuses is never among them.
    """
    width = scores.shape[1]
    fenced = scores if admissible is None else np.where(admissible, scores, -np.inf)
    order = _best(fenced, min(k, width))
    out = np.full((scores.shape[0], k), -1, dtype=np.int32)
    out[:, : min(k, width)] = order
    if admissible is not None:
        allowed = np.take_along_axis(admissible, order, axis=1)
        out[:, : min(k, width)] = np.where(allowed, order, -1)
    return out


def _best(scores: npt.NDArray[np.floating], k: int) -> npt.NDArray[np.int32]:
    """The first k columns of a stable descending sort, without sorting the rest."""
    if not 0 < k < scores.shape[1]:
        return np.argsort(-scores, axis=1, kind="stable")[:, :k].astype(np.int32)
    found = np.sort(np.argpartition(-scores, k - 1, axis=1)[:, :k], axis=1)
    values = np.take_along_axis(scores, found, axis=1)
    order = np.take_along_axis(found, np.argsort(-values, axis=1, kind="stable"), axis=1)
    tied = np.flatnonzero((scores >= values.min(axis=1, keepdims=True)).sum(axis=1) > k)
    order[tied] = np.argsort(-scores[tied], axis=1, kind="stable")[:, :k]
    return order.astype(np.int32)


def ndcg(
    scores: npt.NDArray[np.floating],
    gains: npt.NDArray[np.floating],
    *,
    k: int,
    admissible: npt.NDArray[np.bool_] | None = None,
) -> npt.NDArray[np.float64]:
    """Each subject's nDCG at k with the ideal capped at k; NaN for one without any gain."""
    places = top_places(scores, k, admissible)
    found = np.take_along_axis(gains, np.maximum(places, 0), axis=1) * (places >= 0)
    discount = 1.0 / np.log2(np.arange(2, k + 2))
    best = -np.sort(-gains, axis=1)[:, :k].astype(np.float64)
    ideal = best @ discount[: best.shape[1]]
    reached = found.astype(np.float64) @ discount
    share = np.full(len(ideal), np.nan)
    np.divide(reached, ideal, out=share, where=ideal > 0)
    return share
