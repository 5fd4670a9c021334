"""What several counts tell together: a few who could be worked out by adding and subtracting counts.

Subjects alike in every set are one cell. Counts, each taken any number of times, tell how many are in some
cells alone where the sets so summed come to one of each of those and none of any other: such sums are the
0/1 vectors in the span of the sets. Those of a few lie on small cells only, and what the span holds on small
cells is found by elimination, modulo a prime too large to divide what comes up but by rare chance.
"""

from __future__ import annotations

from itertools import product
from typing import Final

import numpy as np
import numpy.typing as npt

from privacy.aggregates import SMALLEST

Sets = npt.NDArray[np.bool_]
"""(sets, cells): which cells are in which set."""
Ints = npt.NDArray[np.int64]
PRIME: Final = 2**31 - 1
MOST_FREE: Final = 12
"""Dimensions of what the span holds on small cells; beyond them it is not searched: too much."""


def gives_away(told: Sets, new: npt.NDArray[np.bool_], sizes: Ints, least: int = SMALLEST) -> bool:
    """Whether a count of `new` beside those told, and of all, lets a few more be worked out than before."""
    everybody = np.ones((1, len(sizes)), dtype=np.bool_)
    before = np.concatenate([everybody, told.reshape(-1, len(sizes))])
    after = _a_few(np.concatenate([before, new[None, :]]), sizes, least)
    if after is None:
        return True
    if not after:
        return False
    known = _a_few(before, sizes, least)
    return known is None or bool(after - known)


def _a_few(sets: Sets, sizes: Ints, least: int) -> frozenset[bytes] | None:
    """Each set of fewer than `least` that can be worked out; None where there is too much to look through."""
    occupied = sizes > 0
    sets, sizes = sets[:, occupied], sizes[occupied]
    small = sizes < least
    order = np.argsort(small, kind="stable")
    reduced = _reduced(sets[:, order].astype(np.int64))
    large = int((~small).sum())
    free = reduced[~reduced[:, :large].any(axis=1), large:]
    if len(free) > MOST_FREE:
        return None
    found = set()
    for taken in product((0, 1), repeat=len(free)):
        # Each row begins with a one where all others have none, so its share in a 0/1 vector is 0 or 1.
        vector = np.asarray(taken, dtype=np.int64) @ free % PRIME
        if vector.any() and vector.max() == 1 and vector @ sizes[order][large:] < least:
            found.add(vector.astype(np.bool_).tobytes())
    return frozenset(found)


def _reduced(rows: Ints) -> Ints:
    """The reduced row echelon form modulo PRIME, without rows of noughts."""
    rows, at = rows.copy(), 0
    for column in range(rows.shape[1]):
        below = np.flatnonzero(rows[at:, column])
        if not len(below):
            continue
        rows[[at, at + below[0]]] = rows[[at + below[0], at]]
        rows[at] = rows[at] * pow(int(rows[at, column]), -1, PRIME) % PRIME
        others = np.flatnonzero(rows[:, column])
        others = others[others != at]
        rows[others] = (rows[others] - rows[others, column][:, None] * rows[at] % PRIME) % PRIME
        at += 1
        if at == len(rows):
            break
    return rows[:at]
