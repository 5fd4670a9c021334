"""How much more often those did something who were told than those held out, and how sure that is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

NORMAL: Final = 1.959964
"""Standard deviations of a 95 % interval."""


@dataclass(frozen=True, slots=True)
class Uplift:
    """The difference of two shares, with its 95 % interval."""

    difference: float
    low: float
    high: float


def uplift(told: int, of_told: int, held_out: int, of_held_out: int) -> Uplift:
    """The share of those told less that of those held out (Newcombe's interval from Wilson's scores).

    ValueError for an arm without anybody, or more who did something than there are.
    """
    one, one_low, one_high = _wilson(told, of_told)
    other, other_low, other_high = _wilson(held_out, of_held_out)
    difference = one - other
    below = math.hypot(one - one_low, other_high - other)
    above = math.hypot(one_high - one, other - other_low)
    return Uplift(difference, max(-1.0, difference - below), min(1.0, difference + above))


def _wilson(count: int, of: int) -> tuple[float, float, float]:
    """A share with Wilson's score interval."""
    if not 0 <= count <= of or of == 0:
        raise ValueError(f"{count} of {of} is no share")
    share, square = count / of, NORMAL**2
    centre = (share + square / (2 * of)) / (1 + square / of)
    half = NORMAL * math.sqrt(share * (1 - share) / of + square / (4 * of**2)) / (1 + square / of)
    return share, max(0.0, centre - half), min(1.0, centre + half)
