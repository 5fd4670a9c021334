"""What `quality-city` counts: hand-made orders with known worth, and worlds drawn anew that are worlds."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from benchmarks.city_measure import Gathered, by_score, discounted, inside_the_fence, on_page
from benchmarks.city_world import committed, fresh
from catalog.vocabulary import SubjectKind
from models.recommendation import Entry, Homepage, Standing

A, B, C = ("s", "a"), ("s", "b"), ("s", "c")
TRUTH = {A: (False, 0.1, 0.0), B: (True, 0.9, 1.0), C: (False, 0.5, 0.0)}


def entry(item: str, standing: Standing = Standing.CAN_DO, score: float | None = 0.0) -> Entry:
    return Entry(item, "s", None, standing, False, "once", score=score)


def page(**sections: tuple[Entry, ...]) -> Homepage:
    none = dict.fromkeys(
        ("should_do", "can_do", "upcoming", "needs_information", "in_progress", "done", "themes"), ()
    )
    return Homepage("s", SubjectKind.CITIZEN, dt.date(2026, 1, 1), "c", **{**none, **sections})


def test_the_worth_of_an_order_is_the_place_of_what_was_used() -> None:
    assert discounted([B, A, C], TRUTH) == pytest.approx(1.0)
    assert discounted([A, B, C], TRUTH) == pytest.approx(1 / np.log2(3))
    assert discounted([A, C], TRUTH) is None


def test_a_score_orders_and_what_has_none_comes_last() -> None:
    assert by_score([A, B, C], {A: 0.2, C: 0.7}) == [C, A, B]


def test_the_oracle_inside_the_fence_moves_no_duty() -> None:
    shown = page(should_do=(entry("a", Standing.SHOULD_DO, None),), can_do=(entry("c"), entry("b")))
    assert on_page(shown) == [A, C, B]
    assert inside_the_fence(shown, TRUTH) == [A, B, C]


def test_the_cold_are_those_of_the_fewest_traces() -> None:
    gathered = Gathered({"ranker": [0.1 * n for n in range(10)]}, list(range(10)), ["citizen"] * 10)
    assert gathered.cold.tolist() == [True] + [False] * 9
    assert gathered.mean("ranker", cold=True) == pytest.approx(0.0)
    assert gathered.mean("ranker") == pytest.approx(0.45)


def test_a_fresh_world_differs_from_the_committed_ones_and_from_another() -> None:
    first, second = fresh(1), fresh(2)
    assert first.demand != second.demand
    assert first.demand != committed(1).demand
    assert first == fresh(1)
    assert first.events == committed(1).events
