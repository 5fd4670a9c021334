"""Demand is told from what was known at the time, better than by last year, with intervals that hold."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.demand_forecast.backtest import MODEL, NAIVE, misses_until, rolled, scores
from models.demand_forecast.features import rows_of, seasonal_naive, targets_of
from models.demand_forecast.forecaster import TooShort, fit_demand
from models.demand_forecast.intervals import measured
from models.demand_forecast.levels import LEVELS, summed
from models.demand_forecast.panel import Outlook, Panel, Series

HORIZONS, WEEKS, FIRST = 4, 110, dt.date(2024, 9, 2)


def panel(seed: int = 1, items: int = 12, districts: int = 5) -> Panel:
    """Counts that follow the season, the size of the district, and windows known four weeks ahead."""
    rng = np.random.default_rng(seed)
    series = tuple(
        Series(f"cs-{i}", f"d{d}", f"office-{i % 3}") for i in range(items) for d in range(districts)
    )
    week = np.arange(WEEKS + HORIZONS)
    level = np.exp(rng.normal(0.3, 0.9, len(series)))[:, None]
    season = 1 + 0.4 * np.sin(2 * np.pi * week / 52)[None, :]
    windows = rng.poisson(1.5, (len(series), len(week))) * (rng.random((1, len(week))) < 0.4)
    counts = rng.poisson(level * season + 0.8 * windows).astype(np.float64)
    origins = range(56, WEEKS, 3)
    outlooks = {
        at: Outlook({"due": windows[:, at + 1 : at + 1 + HORIZONS].astype(np.float64)}, {}) for at in origins
    }
    return Panel(series, FIRST, counts[:, :WEEKS], np.full(len(week), 5.0), outlooks)


PANEL = panel()
ORIGINS = sorted(PANEL.outlooks)


@settings(deadline=None, max_examples=20)
@given(st.sampled_from(ORIGINS), st.integers(0, 1000))
def test_nothing_later_than_the_origin_is_used(origin: int, seed: int) -> None:
    other = PANEL.counts.copy()
    other[:, origin + 1 :] = np.random.default_rng(seed).poisson(9, other[:, origin + 1 :].shape)
    changed = replace(PANEL, counts=other)
    assert np.array_equal(rows_of(PANEL, origin, HORIZONS), rows_of(changed, origin, HORIZONS))
    assert np.array_equal(seasonal_naive(PANEL, origin, HORIZONS), seasonal_naive(changed, origin, HORIZONS))


def test_a_past_forecast_is_the_one_that_would_have_been_made_then() -> None:
    cut = ORIGINS[8]
    ended = replace(PANEL, counts=PANEL.counts[:, : cut + 1])
    whole, then = rolled(PANEL, ORIGINS[:9], HORIZONS, 8, 1), rolled(ended, ORIGINS[:9], HORIZONS, 8, 1)
    assert np.array_equal(whole[0].expected[MODEL], then[0].expected[MODEL])
    assert np.isnan(then[0].came).all()


def test_it_beats_last_year_and_its_intervals_hold() -> None:
    past = rolled(PANEL, ORIGINS, HORIZONS, 6, 1)
    found = scores(past, PANEL)
    for level in LEVELS:
        model, naive = found[level][MODEL], found[level][NAIVE]
        assert naive.scaled_error == pytest.approx(1.0)
        assert model.scaled_error < 0.9, (level, model)
        assert model.coverage is not None
        assert model.coverage > (0.85 if level in ("cell", "item", "hall") else 0.7), (level, model)
        assert naive.coverage is None
    assert found["cell"][MODEL].coverage < 0.985  # type: ignore[operator]


@pytest.mark.slow
def test_windows_falling_due_are_worth_knowing() -> None:
    blind = replace(
        PANEL, outlooks={at: Outlook({"due": one.ahead["due"] * 0}, {}) for at, one in PANEL.outlooks.items()}
    )
    told = scores(rolled(PANEL, ORIGINS, HORIZONS, 6, 1), PANEL)["cell"][MODEL]
    untold = scores(rolled(blind, ORIGINS, HORIZONS, 6, 1), blind)["cell"][MODEL]
    assert told.mean_absolute_error < 0.97 * untold.mean_absolute_error


def test_the_same_seed_tells_the_same() -> None:
    one, other = (fit_demand(PANEL, ORIGINS, HORIZONS, 3).expected(PANEL, ORIGINS[-1]) for _ in range(2))
    assert np.array_equal(one, other)
    assert (one > 0).all()


def test_too_little_to_learn_from_is_said() -> None:
    with pytest.raises(TooShort, match="3 are needed"):
        fit_demand(PANEL, ORIGINS[:2], HORIZONS, 1)
    with pytest.raises(ValueError, match="none of them has come to pass"):
        measured(np.ones(3), np.full(3, np.nan))
    past = rolled(PANEL, ORIGINS, HORIZONS, len(ORIGINS) - 1, 1)
    with pytest.raises(ValueError, match="none of them"):
        misses_until(past, PANEL, ORIGINS[-1], "item")


def test_a_year_is_looked_back_where_there_is_one() -> None:
    assert np.array_equal(seasonal_naive(PANEL, 60, 2)[:, 0], PANEL.counts[:, 9])
    short = seasonal_naive(PANEL, 20, 2)
    assert np.allclose(short[:, 1], PANEL.counts[:, 17:21].mean(axis=1))


def test_sums_to_a_level_lose_nothing() -> None:
    for level in LEVELS:
        keys, values = summed(PANEL.counts, PANEL.series, level)
        assert values.sum() == PANEL.counts.sum()
        assert len(keys) == len(set(keys)) == len(values)
    assert summed(PANEL.counts, PANEL.series, "total")[0] == [()]


def test_a_panel_that_does_not_fit_is_refused_with_all_its_faults() -> None:
    with pytest.raises(ValueError, match=r"Mondays.*rows of counts.*working days"):
        Panel(PANEL.series[:2], FIRST + dt.timedelta(1), PANEL.counts, PANEL.working_days[:3], {})
    assert np.isnan(targets_of(PANEL, WEEKS - 2, 3)[:, 1:]).all()
