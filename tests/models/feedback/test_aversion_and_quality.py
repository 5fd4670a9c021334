"""Refusals fade, spread a little over their theme, and bad ratings count only where there are enough."""

from __future__ import annotations

import datetime as dt

import pytest

from features.schema import Interaction
from models.feedback.aversion import aversions
from models.feedback.quality import RatingCount, against, qualities
from models.feedback.terms import default_terms

ON = dt.date(2026, 11, 21)
TERMS = default_terms()
THEMES = {"a": "housing", "b": "housing", "c": "health"}
MONTH = dt.date(2026, 11, 1)


def dismissal(item: str, days_ago: int) -> Interaction:
    at = dt.datetime.combine(ON, dt.time(4), dt.UTC) - dt.timedelta(days=days_ago)
    return Interaction(f"i-{item}-{days_ago}", "dismiss", at, item=item)


def test_a_refusal_counts_whole_for_the_item_and_partly_for_its_theme() -> None:
    found = aversions([dismissal("a", 0)], THEMES, ON, TERMS)
    assert found == pytest.approx({"a": 1.0, "b": TERMS.aversion_share})


def test_it_is_halved_with_every_half_life_and_counts_nothing_beforehand() -> None:
    half = aversions([dismissal("a", int(TERMS.aversion_half_life_days))], THEMES, ON, TERMS)
    assert half["a"] == pytest.approx(0.5)
    assert aversions([dismissal("a", -3)], THEMES, ON, TERMS) == {}


def ratings(item: str, score: int, count: int, month: dt.date = MONTH) -> RatingCount:
    return RatingCount(item, score, month, count)


def test_few_ratings_say_nothing() -> None:
    counts = [ratings("a", 1, TERMS.least_ratings - 1), ratings("b", 5, 400)]
    assert set(qualities(counts, ON, TERMS)) == {"b"}


def test_many_bad_ratings_are_heard_and_good_ones_bring_no_advantage() -> None:
    found = qualities([ratings("a", 1, 200), ratings("b", 5, 2000)], ON, TERMS)
    assert found["a"].poor
    assert not found["b"].poor
    cost = against(found, TERMS)
    assert set(cost) == {"a"}
    assert 0 < cost["a"] <= TERMS.most_against


def test_a_few_bad_ratings_are_drawn_towards_the_mean_of_all() -> None:
    found = qualities([ratings("a", 2, TERMS.least_ratings), ratings("b", 5, 2000)], ON, TERMS)
    assert 2.0 < found["a"].mean < 4.5


def test_old_ratings_fade() -> None:
    long_ago = dt.date(2021, 11, 1)
    found = qualities([ratings("a", 1, 200, long_ago), ratings("a", 5, 50), ratings("b", 4, 900)], ON, TERMS)
    assert found["a"].mean > 4.0
    assert qualities([], ON, TERMS) == {}
    assert qualities([ratings("a", 1, 99, dt.date(2027, 1, 1))], ON, TERMS) == {}


def test_a_score_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="of 5"):
        qualities([ratings("a", 6, 1)], ON, TERMS)
