"""How well items are served, as those say who rated them (好差评); old ratings fade."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from models.feedback.terms import Terms

SURE: Final = 1.645
"""Standard errors that make a one-sided bound of 95 %."""


@dataclass(frozen=True, slots=True)
class RatingCount:
    """So many ratings of one score (1 to 5) that an item got in one month (its first day)."""

    item: str
    score: int
    month: dt.date
    ratings: int


@dataclass(frozen=True, slots=True)
class Quality:
    """What the ratings of one item say."""

    mean: float
    """Of 5, drawn towards the mean of all items as far as there are few ratings."""
    error: float
    """Its standard error."""
    ratings: int
    poor: bool
    """Whether it is surely badly rated."""


def qualities(counts: Iterable[RatingCount], on: dt.date, terms: Terms) -> dict[str, Quality]:
    """The quality of each item with enough ratings up to a day; an item left out is not known.

    Raises ValueError for a score that is none.
    """
    sums: dict[str, list[float]] = {}
    for one in counts:
        if not 1 <= one.score <= 5 or one.ratings < 0:
            raise ValueError(f"a rating of {one.item} is {one.score} of 5, {one.ratings} times")
        age = (on - one.month).days
        if age < 0:
            continue
        weight = one.ratings * 0.5 ** (age / terms.rating_half_life_days)
        into = sums.setdefault(one.item, [0.0, 0.0, 0.0, 0.0])
        for place, add in enumerate((weight, weight * one.score, weight * one.score**2, one.ratings)):
            into[place] += add
    total = [sum(column) for column in zip(*sums.values(), strict=True)]
    if not total or total[0] <= 0:
        return {}
    overall = total[1] / total[0]
    spread = max(total[2] / total[0] - overall**2, 0.01)
    return {
        item: _quality(found, overall, spread, terms)
        for item, found in sums.items()
        if found[3] >= terms.least_ratings
    }


def _quality(found: list[float], overall: float, spread: float, terms: Terms) -> Quality:
    weight, scored, _, ratings = found
    mean = (scored + terms.rating_prior * overall) / (weight + terms.rating_prior)
    error = math.sqrt(spread / (weight + terms.rating_prior))
    return Quality(mean, error, int(ratings), mean + SURE * error < terms.poor_below)


def against(found: dict[str, Quality], terms: Terms) -> dict[str, float]:
    """By badly rated item, what speaks against recommending it; well rated items gain nothing by it.

    A place in the order is a small thing beside a right, so it is bounded by `most_against`.
    """
    scale = terms.poor_below - 1.0
    return {
        item: terms.most_against * min((terms.poor_below - quality.mean) / scale, 1.0)
        for item, quality in found.items()
        if quality.poor
    }
