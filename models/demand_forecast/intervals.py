"""How far counts have been from what was expected of them, as intervals (split conformal, by size)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from models.demand_forecast.panel import Floats

CUTS: Final = (0.3, 1.0, 4.0, 15.0)
"""Expected counts between which misses are measured apart: small counts miss unlike large ones."""
LEAST_MISSES: Final = 40
CONFIDENCE: Final = 0.9


@dataclass(frozen=True, slots=True)
class Misses:
    """By size band: quantiles of (count - expected) / sqrt(expected + 1)."""

    low: Floats
    high: Floats

    def interval(self, expected: Floats) -> tuple[Floats, Floats]:
        """Whole counts between which the count is expected to lie."""
        band, scale = np.digitize(expected, CUTS), np.sqrt(expected + 1.0)
        low = np.floor(expected + self.low[band] * scale)
        high = np.ceil(expected + self.high[band] * scale)
        return np.maximum(low, 0.0), np.maximum(high, 0.0)


def measured(expected: Floats, counts: Floats, confidence: float = CONFIDENCE) -> Misses:
    """The misses of past forecasts; a band with too few of them takes those of all.

    Counts that are NaN (not known yet) are passed over. Raises ValueError where none is known.
    """
    known = np.isfinite(counts)
    if not known.any():
        raise ValueError("intervals are measured on past forecasts, and none of them has come to pass")
    expected, counts = expected[known], counts[known]
    misses = (counts - expected) / np.sqrt(expected + 1.0)
    band = np.digitize(expected, CUTS)
    low, high = [], []
    for number in range(len(CUTS) + 1):
        own = misses[band == number]
        used = own if len(own) >= LEAST_MISSES else misses
        low.append(_quantile(used, (1 - confidence) / 2, "lower"))
        high.append(_quantile(used, (1 + confidence) / 2, "higher"))
    return Misses(np.array(low), np.array(high))


def _quantile(misses: Floats, share: float, method: str) -> float:
    """With the correction for a finite sample that split conformal prediction makes."""
    size = len(misses)
    corrected = share * (size + 1) / size if method == "higher" else 1 - (1 - share) * (size + 1) / size
    return float(np.quantile(misses, min(max(corrected, 0.0), 1.0), method=method))  # type: ignore[call-overload]
