"""What a "not for me" says of other items of the same theme; it fades."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from features.schema import Interaction
from models.feedback.terms import Terms


def aversions(
    interactions: Iterable[Interaction], themes: Mapping[str, str], on: dt.date, terms: Terms
) -> dict[str, float]:
    """By item, what speaks against it in units of being shown in vain; 0 and more, none left out is none.

    `interactions` stem from a profile masked to rank, `themes` is the theme of every item. A dismissed item
    counts whole, others of its theme by `aversion_share`, all halved with every half-life since.
    """
    of_theme: dict[str, float] = {}
    of_item: dict[str, float] = {}
    for done in interactions:
        age = (on - done.at.date()).days
        theme = themes.get(done.item or "")
        if done.kind != "dismiss" or done.item is None or theme is None or age < 0:
            continue
        weight = 0.5 ** (age / terms.aversion_half_life_days)
        of_item[done.item] = of_item.get(done.item, 0.0) + weight
        of_theme[theme] = of_theme.get(theme, 0.0) + weight * terms.aversion_share
    return {
        item: of_item.get(item, 0.0) * (1 - terms.aversion_share) + of_theme[theme]
        for item, theme in themes.items()
        if theme in of_theme
    }
