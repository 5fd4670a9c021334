"""Intervals hold what they should as often as they say."""

from __future__ import annotations

import numpy as np
import pytest

from pipelines.evaluate.intervals import MOST_RESAMPLED, estimate, mean_by


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    found = [estimate(rng.exponential(1.0, 80), seed) for seed in range(300)]
    covered = np.mean([one.low <= 1.0 <= one.high for one in found])
    assert 0.88 <= covered <= 0.98


def test_it_narrows_with_cases_and_agrees_across_methods() -> None:
    rng = np.random.default_rng(2)
    few, many = rng.normal(0, 1, 200), rng.normal(0, 1, MOST_RESAMPLED + 1)
    assert estimate(many, 1).error < estimate(few, 1).error / 5
    resampled = estimate(many[:MOST_RESAMPLED], 1)
    assert estimate(many, 1).error == pytest.approx(resampled.error, rel=0.15)


def test_the_same_seed_gives_the_same_interval() -> None:
    values = np.random.default_rng(3).random(50)
    assert estimate(values, 7) == estimate(values, 7)


@pytest.mark.parametrize("values", [np.asarray([]), np.asarray([0.5, np.nan])])
def test_nothing_or_no_number_is_refused(values: np.ndarray) -> None:
    with pytest.raises(ValueError, match="at least one case"):
        estimate(values, 1)


def test_means_by_owner_leave_the_empty_unknown() -> None:
    means = mean_by(np.asarray([0, 0, 2]), np.asarray([1.0, 0.0, 0.5]), 3)
    assert means[0] == 0.5 and np.isnan(means[1]) and means[2] == 0.5
