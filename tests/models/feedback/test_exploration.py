"""Exploration keeps to its budget, never touches a duty, and its propensities are those of its own draws."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.feedback.chance import Exposure, chances_of_best
from models.feedback.exploration import explore
from models.feedback.terms import Exploration, default_terms
from models.recommendation import Entry, Standing

BUDGET = default_terms().exploration


def entry(item: str) -> Entry:
    return Entry(item, "c-1", None, Standing.CAN_DO, True, "once")


def free(one: Entry) -> bool:
    return not one.item.startswith("duty")


ENTRIES = [entry(f"i{n}") for n in range(10)]
KNOWN = {f"i{n}": Exposure(500, 50) for n in range(8)}


def test_a_logged_propensity_is_the_share_of_pages_that_show_it_there() -> None:
    points, pages = np.random.default_rng(7).random(40_000), 40_000
    seen: Counter[tuple[int, str]] = Counter()
    told: dict[tuple[int, str], float] = {}
    for point in points:
        shown = explore(ENTRIES, 6, free, KNOWN, BUDGET, point)
        for place, chance in enumerate(shown.propensity):
            seen[place, shown.entries[place].item] += 1
            told[place, shown.entries[place].item] = chance
    for key, chance in told.items():
        error = (chance * (1 - chance) / pages) ** 0.5
        assert seen[key] / pages == pytest.approx(chance, abs=4 * error + 1e-12)
    explored = sum(seen[place, item] for place in range(6) for item in ("i8", "i9"))
    assert explored / pages == pytest.approx(BUDGET.share, abs=0.01)
    assert {place for place, item in seen if item in ("i8", "i9")} == {4, 5}


def test_without_anything_new_nothing_moves() -> None:
    known = {one.item: Exposure(500, 1) for one in ENTRIES}
    shown = explore(ENTRIES, 6, free, known, BUDGET, 0.999)
    assert shown.entries == tuple(ENTRIES)
    assert shown.propensity == (1.0,) * 6


def test_a_new_item_with_the_better_record_gets_more_of_the_chances() -> None:
    better, worse = chances_of_best((Exposure(60, 12), Exposure(60, 2)), (1.0, 12.0))
    assert better > 0.9
    assert better + worse == pytest.approx(1.0)


def test_thompson_chances_agree_with_draws_from_the_posteriors() -> None:
    exposures = (Exposure(10, 1), Exposure(40, 6), Exposure())
    draws = np.random.default_rng(3)
    rates = np.column_stack([draws.beta(1 + e.taken, 12 + e.shown - e.taken, 200_000) for e in exposures])
    drawn = np.bincount(rates.argmax(axis=1), minlength=3) / len(rates)
    assert chances_of_best(exposures, (1.0, 12.0)) == pytest.approx(drawn, abs=0.005)


def test_counts_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="taken 3"):
        Exposure(2, 3)


@settings(deadline=None, max_examples=300)
@given(
    st.lists(st.sampled_from(["duty", "new", "old"]), max_size=14),
    st.integers(0, 8),
    st.floats(0, 1),
    st.integers(1, 4),
    st.floats(0, 1, exclude_max=True),
)
def test_laws_of_exploration(kinds: list[str], room: int, share: float, places: int, point: float) -> None:
    entries = [entry(f"{kind}{n}") for n, kind in enumerate(kinds)]
    known = {one.item: Exposure(1000, 1) for one in entries if one.item.startswith("old")}
    budget = Exploration(share, places, 100, 8, (1.0, 12.0))
    shown = explore(entries, room, free, known, budget, point)
    assert sorted(one.item for one in shown.entries) == sorted(one.item for one in entries)
    assert len(shown.propensity) == min(room, len(entries))
    assert all(0 < chance <= 1 for chance in shown.propensity)
    for n, one in enumerate(entries):
        if one.item.startswith("duty"):
            assert shown.entries[n] == one
            assert n >= room or shown.propensity[n] == pytest.approx(1.0)
    gained = [one for one in shown.entries[:room] if one not in entries[:room]]
    assert len(gained) <= 1
    if room:
        assert not entries or shown.entries[0] == entries[0]
