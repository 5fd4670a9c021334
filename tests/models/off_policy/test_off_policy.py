"""Estimates of another policy are right on average, know how sure they are, and say when they know little."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from models.off_policy.attraction import cross_fitted, fit_attraction
from models.off_policy.estimators import METHODS, evaluate
from models.off_policy.position_bias import examination
from models.off_policy.reordering import order_within, reordered, reweighted_order
from models.off_policy.reweighted import Reweighted, without_model
from models.off_policy.totals import bootstrapped, jackknifed
from tests.models.off_policy.logged_pages import ITEMS, LOOKS, Log, logged, places_by

SEEDS = 120


def target(log: Log) -> np.ndarray:
    """Places by another order: by item number, which has nothing to do with the base order."""
    return np.tile(np.arange(1, ITEMS + 1), (len(log.cluster), 1))


def data_of(log: Log, place: np.ndarray, model: np.ndarray | None = None) -> Reweighted:
    weight = log.weight(place)
    if model is None:
        return without_model(log.slate, log.position, log.click, weight, log.cluster)
    looks = np.append(LOOKS, np.zeros(ITEMS))
    expected_target = (looks[place - 1] * model).sum(axis=1)
    expected = LOOKS[log.position - 1] * model[log.slate, log.item]
    return Reweighted(log.slate, log.position, log.click, weight, log.cluster, expected, expected_target)


@pytest.mark.parametrize("base", [True, False])
def test_intervals_cover_the_truth_about_as_often_as_they_say(base: bool) -> None:
    covered = dict.fromkeys(METHODS, 0)
    bias: dict[str, list[float]] = {method: [] for method in METHODS}
    for seed in range(SEEDS):
        log = logged(seed)
        place = log.base if base else target(log)
        rough = np.full(log.wish.shape, 0.2)  # a direct model that is wrong of every item
        truth = log.value(place)
        for method, found in evaluate(data_of(log, place, rough)).estimates.items():
            covered[method] += found.low <= truth <= found.high
            bias[method].append((found.value - truth) / max(found.error, 1e-9))
    for method in ("ips", "snips", "dr"):
        # 95 % of 120, less and plus three standard errors of a share.
        assert 0.89 <= covered[method] / SEEDS <= 1.0, (method, covered)
        assert abs(np.mean(bias[method])) < 4 / SEEDS**0.5
    assert covered["dm"] < 0.5 * SEEDS


def test_a_good_direct_model_makes_dr_surer_than_ips() -> None:
    log = logged(5)
    found = evaluate(data_of(log, target(log), log.wish)).estimates
    assert found["dr"].error < 0.97 * found["ips"].error


def test_bootstrap_and_jackknife_agree() -> None:
    log = logged(3, subjects=600)
    data = data_of(log, log.base)
    plain, drawn = evaluate(data).estimates, evaluate(data, resamples=2000, seed=1).estimates
    for method in ("ips", "snips"):
        assert drawn[method].error == pytest.approx(plain[method].error, rel=0.12)
        assert drawn[method].low == pytest.approx(plain[method].low, rel=0.05)
    assert drawn == evaluate(data, resamples=2000, seed=1).estimates


def test_a_policy_the_log_never_followed_is_marked() -> None:
    log = logged(1, subjects=40, uniform=0.02)
    found = evaluate(data_of(log, target(log)))
    assert not found.trusted
    assert "few_effective_rows" in found.overlap.faults or "one_subject_dominates" in found.overlap.faults
    nothing = without_model(log.slate, log.position, log.click, np.zeros(len(log.slate)), log.cluster)
    assert evaluate(nothing).overlap.faults == ("nothing_shared",)
    assert evaluate(data_of(logged(1, subjects=600), target(logged(1, subjects=600)))).trusted


def test_propensities_that_are_wrong_show_in_their_mean() -> None:
    log = logged(2, subjects=600)
    data = data_of(log, log.base)
    wrong = without_model(log.slate, log.position, log.click, data.weight * 1.5, log.cluster)
    assert "weights_do_not_average_one" in evaluate(wrong).overlap.faults
    assert "weights_do_not_average_one" not in evaluate(data).overlap.faults


def test_what_does_not_fit_is_refused_with_all_its_faults() -> None:
    log = logged(2)
    with pytest.raises(ValueError, match=r"position has the shape.*weight has the shape"):
        without_model(log.slate, log.position[:-1], log.click, log.click[:-1], log.cluster)
    with pytest.raises(ValueError, match="negative; positions count from 1"):
        without_model(log.slate, log.position - 1, log.click, log.click - 1, log.cluster)
    with pytest.raises(ValueError, match="two independent subjects"):
        jackknifed(np.ones((1, 2)), lambda totals: totals[:, 0])
    with pytest.raises(ValueError, match="two independent subjects"):
        bootstrapped(np.ones((1, 2)), lambda totals: totals[:, 0], 10, 1)


def test_examination_is_told_from_the_log_though_better_items_stand_higher() -> None:
    log = logged(4, subjects=6000)
    found = examination(log.position, log.click, log.propensity, log.cluster[log.slate])
    truth = LOOKS / LOOKS[0]
    assert np.all(np.abs(found.relative - truth) < 4 * found.error + 1e-12)
    assert found.error.max() < 0.06
    rates = [log.click[log.position == place + 1].mean() for place in range(len(LOOKS))]
    naive = np.array(rates) / rates[0]
    assert np.abs(naive - truth).max() > 2 * np.abs(found.relative - truth).max()


def test_regression_em_tells_examination_too_where_its_features_explain_the_clicks() -> None:
    log = logged(6, subjects=6000)
    liked = np.log(log.wish / (1 - log.wish))[log.slate, log.item]
    features = sparse.csr_array(np.column_stack([liked, np.ones_like(liked)]))
    start = np.array([1.0, 0.9, 0.8, 0.7])
    found = fit_attraction(features, log.position, log.click, start, learn_examination=True)
    assert found.examination == pytest.approx(LOOKS / LOOKS[0], abs=0.08)
    known = fit_attraction(features, log.position, log.click, LOOKS / LOOKS[0])
    assert np.corrcoef(known.of(features), log.wish[log.slate, log.item])[0, 1] > 0.99


def test_a_log_without_clicks_tells_nothing() -> None:
    log = logged(2)
    with pytest.raises(ValueError, match="never clicked"):
        examination(log.position, np.zeros(len(log.slate)), log.propensity, log.cluster[log.slate])
    with pytest.raises(ValueError, match="some of which"):
        fit_attraction(sparse.csr_array(np.ones((3, 1))), np.array([1, 1, 2]), np.zeros(3), np.ones(2))
    with pytest.raises(ValueError, match="propensity"):
        examination(log.position, log.click, log.propensity * 0, log.cluster[log.slate])


def test_another_order_of_the_same_items_is_covered_too() -> None:
    covered = np.zeros(2)
    for seed in range(SEEDS):
        log = logged(seed, subjects=300)
        moved = order_within(log.slate, log.wish[log.slate, log.item], log.position)
        truth = LOOKS[moved - 1] @ log.wish[log.slate, log.item] / len(log.cluster)
        found = reordered(log.slate, log.position, moved, log.click, log.propensity, log.cluster)
        relative = LOOKS / LOOKS[0]
        rough = np.full(len(log.slate), 0.2)
        data = reweighted_order(log.slate, log.position, moved, log.click, relative, rough, log.cluster)
        robust = evaluate(data, by_chance=False).estimates["dr"]
        covered += [found.low <= truth <= found.high, robust.low <= truth <= robust.high]
    assert (covered / SEEDS >= 0.89).all()


def test_ordering_a_slate_deals_out_the_places_it_has() -> None:
    slate, place = np.array([1, 0, 1, 0, 1]), np.array([2, 1, 3, 4, 6])
    moved = order_within(slate, np.array([0.1, 0.5, 0.9, 0.5, 0.3]), place)
    assert moved.tolist() == [6, 1, 2, 4, 3]


def test_attraction_of_a_subject_is_told_by_others() -> None:
    log = logged(9, subjects=2000)
    item = sparse.csr_array((np.ones(len(log.item)), (np.arange(len(log.item)), log.item)))
    found = cross_fitted(item, log.position, log.click, log.cluster[log.slate], LOOKS / LOOKS[0])
    truth = np.array([log.wish[:, n].mean() * LOOKS[0] for n in range(ITEMS)])
    told = np.array([found[log.item == n].mean() for n in range(ITEMS)])
    assert told == pytest.approx(truth, abs=0.05)


def test_places_by_score_are_a_ranking() -> None:
    assert places_by(np.array([[0.2, 0.9, 0.5]])).tolist() == [[3, 1, 2]]
