"""The levels plans are made at, and sums from series to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import numpy as np

from models.demand_forecast.panel import Floats, Ints, Series

Level = Literal["cell", "item", "hall", "total"]
LEVELS: Final[tuple[Level, ...]] = ("cell", "item", "hall", "total")
"""Item and district; item; the offices of an authority in a district; all."""


def key_of(series: Series, level: Level) -> tuple[str, ...]:
    """What a series counts towards at a level."""
    match level:
        case "cell":
            return (series.item, series.district)
        case "item":
            return (series.item,)
        case "hall":
            return (series.authority, series.district)
        case "total":
            return ()


def summed(values: Floats, series: Sequence[Series], level: Level) -> tuple[list[tuple[str, ...]], Floats]:
    """The keys of a level in order, and the sums (keys, ...) of the series' values (series, ...)."""
    keys = [key_of(one, level) for one in series]
    order = sorted(set(keys))
    place = {key: n for n, key in enumerate(order)}
    number: Ints = np.array([place[key] for key in keys], dtype=np.int64)
    out = np.zeros((len(order), *values.shape[1:]))
    np.add.at(out, number, values)
    return order, out
