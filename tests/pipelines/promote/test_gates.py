"""The gates: a challenger is refused for what it does worse, with the numbers, and for nothing else."""

from __future__ import annotations

import datetime as dt
import math

import msgspec
import numpy as np
import pytest

from pipelines.evaluate.outcome import GroupReach, Outcome
from pipelines.promote.gates import Gate, interval, judge, load_bounds

BOUNDS = load_bounds()
RNG = np.random.default_rng(0)
REFERENCE = tuple(RNG.uniform(0, 1, 400).tolist())


def outcome(**more: object) -> Outcome:
    plain = Outcome(
        model="citizen-affinity",
        version="2",
        evaluated_on=dt.date(2026, 6, 1),
        measure="ndcg@10",
        values=REFERENCE,
        reference="champion 1",
        reference_values=REFERENCE,
    )
    return msgspec.structs.replace(plain, **more)


def verdicts(judged: Outcome) -> dict[str, Gate]:
    return {gate.name: gate for gate in judge(judged, BOUNDS, seed=1)}


def shifted(by: float, spread: float = 0.05) -> tuple[float, ...]:
    noise = np.random.default_rng(1).normal(0, spread, 400)
    return tuple((np.asarray(REFERENCE) + by + noise - noise.mean()).tolist())


def test_an_equal_challenger_passes() -> None:
    assert all(gate.passed for gate in verdicts(outcome()).values())


def test_a_challenger_worse_beyond_noise_is_refused_with_the_numbers() -> None:
    gate = verdicts(outcome(values=shifted(-0.05)))["not worse"]
    assert not gate.passed
    assert "champion 1" in gate.says and "interval" in gate.says


def test_a_challenger_worse_within_noise_passes() -> None:
    assert verdicts(outcome(values=shifted(-0.001, spread=0.3)))["not worse"].passed


@pytest.mark.parametrize(
    ("error", "reference", "passes"), [(0.05, 0.05, True), (0.09, None, False), (0.05, 0.01, False)]
)
def test_calibration_is_bounded_and_may_not_slip(error: float, reference: float | None, passes: bool) -> None:
    judged = outcome(calibration_error=error, reference_calibration_error=reference)
    assert verdicts(judged)["calibrated"].passed is passes


def group(name: str, reach: float, baseline: float, subjects: int = 100) -> GroupReach:
    return GroupReach(dimension="district", group=name, subjects=subjects, reach=reach, baseline=baseline)


def test_a_gap_that_widens_beyond_the_bound_is_refused_by_name() -> None:
    groups = (group("dongcheng", 0.6, 0.5), group("yanqing", 0.4, 0.5))
    gate = verdicts(outcome(groups=groups))["even by district"]
    assert not gate.passed
    assert "yanqing" in gate.says


def test_a_gap_that_was_there_before_is_not_held_against_it() -> None:
    groups = (group("dongcheng", 0.6, 0.6), group("yanqing", 0.4, 0.4))
    assert verdicts(outcome(groups=groups))["even by district"].passed


def test_the_same_gap_among_few_is_chance_and_among_many_is_not() -> None:
    def judged(subjects: int) -> Gate:
        groups = (group("dongcheng", 0.6, 0.5, subjects), group("yanqing", 0.5, 0.5, subjects))
        return verdicts(outcome(groups=groups))["even by district"]

    assert judged(40).passed
    assert not judged(4_000).passed


def test_a_group_of_a_few_people_does_not_decide() -> None:
    groups = (
        group("dongcheng", 0.6, 0.5),
        group("haidian", 0.58, 0.5),
        group("yanqing", 0.0, 0.5, subjects=5),
    )
    assert verdicts(outcome(groups=groups))["even by district"].passed


@pytest.mark.parametrize(
    "broken",
    [
        {"values": (math.nan, *REFERENCE[1:])},
        {"values": ()},
        {"values": REFERENCE[:-1]},
        {"faults": ("the artefact has no array `items`",)},
    ],
)
def test_what_cannot_be_used_is_refused(broken: dict[str, object]) -> None:
    assert not verdicts(outcome(**broken))["sound"].passed


def test_every_gate_answers_even_when_the_first_refuses() -> None:
    judged = outcome(values=(), calibration_error=0.01, groups=(group("a", 0.5, 0.5), group("b", 0.5, 0.5)))
    assert set(verdicts(judged)) == {"sound", "not worse", "calibrated", "even by district"}


def test_the_interval_holds_the_mean_and_shrinks_with_cases() -> None:
    few, many = RNG.normal(0.1, 1, 50), RNG.normal(0.1, 1, 5_000)
    low, high = interval(many, BOUNDS.noise, seed=1)
    assert low <= many.mean() <= high
    wide = interval(few, BOUNDS.noise, seed=1)
    assert wide[1] - wide[0] > high - low
