"""The crossed logistic model and its calibration."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from models.logit.calibration import Calibration, fit_calibration, reliability, sigmoid
from models.logit.crossed import Cases, CrossedLogit, CrossedLogitConfig, fit_crossed


def world(seed: int, cases: int = 6000) -> tuple[Cases, np.ndarray, np.ndarray]:
    """Cases of two groups whose true probabilities are known."""
    rng = np.random.default_rng(seed)
    indicators = sparse.csr_array((rng.random((500, 5)) < 0.4).astype(np.float32))
    group = rng.integers(0, 2, cases).astype(np.int32)
    row = rng.integers(0, 500, cases).astype(np.int32)
    signals = rng.random((cases, 2)) * np.array([1.0, 20.0])
    effect = np.array([[1.5, -1.0, 0, 0, 0], [1.5, 1.0, 0, 0, 0]])
    dense = indicators.toarray()[row]
    truth = sigmoid(-2.0 - group + 2.0 * signals[:, 0] + (dense * effect[group]).sum(axis=1))
    return Cases(group, signals, row, indicators), truth, rng.random(cases) < truth


def test_it_recovers_probabilities_from_a_sample_of_negatives() -> None:
    cases, _, happened = world(1)
    config = CrossedLogitConfig(negatives_per_positive=1.0, inverse_penalty=5.0)
    model = fit_crossed(cases, happened, ("a", "b"), config, seed=3)
    fresh, truth, _ = world(2)
    assert np.abs(sigmoid(model.logits(fresh)) - truth).mean() < 0.04


def test_the_same_seed_gives_the_same_model_and_storing_keeps_it() -> None:
    cases, _, happened = world(1, 2000)
    first, second = (fit_crossed(cases, happened, ("a", "b"), CrossedLogitConfig(), 5) for _ in range(2))
    assert np.array_equal(first.logits(cases), second.logits(cases))
    stored = CrossedLogit.of(("a", "b"), first.arrays())
    assert np.array_equal(stored.logits(cases), first.logits(cases))


def test_one_subject_is_scored_as_a_table_is() -> None:
    cases, _, happened = world(4, 2000)
    model = fit_crossed(cases, happened, ("a", "b"), CrossedLogitConfig(), 5)
    table = model.logits(cases)
    for at in range(50):
        signals = np.tile(cases.signals[at], (2, 1))
        present = cases.indicators[[cases.row[at]]].indices.astype(np.int32)
        assert model.logits_of_one(signals, present)[cases.group[at]] == pytest.approx(table[at])


def test_nothing_to_learn_is_said() -> None:
    cases, _, happened = world(1, 100)
    with pytest.raises(ValueError, match="nothing to learn"):
        fit_crossed(cases, np.zeros_like(happened), ("a", "b"), CrossedLogitConfig(), 1)


@pytest.mark.parametrize(("cases", "method"), [(300, "platt"), (20_000, "isotonic")])
def test_calibration_mends_scores_that_mean_something_else(cases: int, method: str) -> None:
    rng = np.random.default_rng(7)
    logits = rng.normal(0, 2, cases)
    happened = rng.random(cases) < sigmoid(0.5 * logits - 1)
    fitted = fit_calibration(logits, happened)
    assert fitted.method == method
    fresh = rng.normal(0, 2, 20_000)
    truth = sigmoid(0.5 * fresh - 1)
    assert np.abs(fitted(fresh) - truth).mean() < 0.05 < np.abs(sigmoid(fresh) - truth).mean()


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**6), st.integers(5, 400))
def test_calibration_never_falls_and_is_never_certain(seed: int, cases: int) -> None:
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 3, cases)
    happened = rng.random(cases) < 0.3
    if happened.all() or not happened.any():
        return
    said = fit_calibration(logits, happened)(np.sort(rng.normal(0, 20, 100)))
    assert (np.diff(said) >= 0).all()
    assert ((said > 0) & (said < 1)).all()


def test_reliability_tells_good_from_bad() -> None:
    rng = np.random.default_rng(3)
    truth = rng.random(20_000) * 0.4
    happened = rng.random(20_000) < truth
    good, bad = reliability(truth, happened), reliability(np.clip(truth * 2, 0, 1), happened)
    assert good.expected_calibration_error < 0.01
    assert bad.expected_calibration_error > 0.15
    assert good.calibration_in_the_large == pytest.approx(1.0, abs=0.05)
    assert good.brier < good.brier_of_base_rate
    assert sum(b.cases for b in good.bins) == good.cases


def test_knots_survive() -> None:
    fitted = Calibration(np.array([-1.0, 1.0]), np.array([0.1, 0.9]), "platt")
    assert fitted(np.array([-5.0, 0.0, 5.0])).tolist() == pytest.approx([0.1, 0.5, 0.9])
