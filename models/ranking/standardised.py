"""A signal in units of its own spread, so that signals of different scales can be weighed together."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Set


def standardised(signal: Mapping[str, float], items: Set[str]) -> dict[str, float]:
    """Deviations from the mean of these items in units of their spread; none without a spread."""
    known = {item: signal[item] for item in sorted(items) if item in signal}
    spread = statistics.pstdev(known.values()) if known else 0.0
    if spread < 1e-12:
        return {}
    mean = statistics.fmean(known.values())
    return {item: (value - mean) / spread for item, value in known.items()}
