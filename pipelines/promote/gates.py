"""The gates between a challenger and the pages: each says yes or no, and the numbers it judged by."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist
from typing import Final

import msgspec
import numpy as np

from pipelines.evaluate.outcome import GroupReach, Outcome

BOUNDS: Final = Path(__file__).with_name("gates.yaml")


class Noise(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How certain a loss must be to count."""

    confidence: float
    resamples: int


class CalibrationBounds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far probabilities may be off."""

    worst_error: float
    worst_increase: float


class ReachBounds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How unevenly groups may be reached."""

    worst_widening: float
    smallest_group: int


class Bounds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What gates.yaml sets."""

    noise: Noise
    calibration: CalibrationBounds
    reach: ReachBounds


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate's answer, fit to be read."""

    name: str
    passed: bool
    says: str


def load_bounds(path: Path = BOUNDS) -> Bounds:
    """The bounds of a gates file. Raises msgspec.ValidationError for a wrong one."""
    return msgspec.yaml.decode(path.read_bytes(), type=Bounds)


def judge(outcome: Outcome, bounds: Bounds, seed: int) -> tuple[Gate, ...]:
    """Every gate's answer to one challenger, all of them even when the first says no."""
    return (
        _sound(outcome),
        _not_worse(outcome, bounds.noise, seed),
        *_calibrated(outcome, bounds.calibration),
        *_even(outcome.groups, bounds.reach, bounds.noise),
    )


def _sound(outcome: Outcome) -> Gate:
    numbers = np.asarray((*outcome.values, *outcome.reference_values))
    faults = list(outcome.faults)
    if not np.isfinite(numbers).all():
        faults.append("a measured value is no number")
    if len(outcome.values) != len(outcome.reference_values) or not outcome.values:
        faults.append("it was not measured on the same cases as its reference")
    return Gate("sound", not faults, "; ".join(faults) or f"{len(outcome.values)} cases measured")


def _not_worse(outcome: Outcome, noise: Noise, seed: int) -> Gate:
    name = "not worse"
    if len(outcome.values) != len(outcome.reference_values) or not outcome.values:
        return Gate(name, False, "there is nothing to compare")
    differences = np.asarray(outcome.values) - np.asarray(outcome.reference_values)
    low, high = interval(differences, noise, seed)
    says = (
        f"{outcome.measure} {np.mean(outcome.values):.4f} against {np.mean(outcome.reference_values):.4f} of "
        f"{outcome.reference}: difference {differences.mean():+.4f}, {noise.confidence:.0%} interval "
        f"{low:+.4f} to {high:+.4f}"
    )
    return Gate(name, bool(high >= 0), says)


def interval(differences: np.ndarray, noise: Noise, seed: int) -> tuple[float, float]:
    """The paired bootstrap's confidence interval of the mean difference."""
    rng = np.random.default_rng(seed)
    size = len(differences)
    means = np.array(
        [differences[rng.integers(0, size, size)].mean() for _ in range(noise.resamples)], dtype=np.float64
    )
    tail = (1 - noise.confidence) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return float(low), float(high)


def _calibrated(outcome: Outcome, bounds: CalibrationBounds) -> Iterator[Gate]:
    error, reference = outcome.calibration_error, outcome.reference_calibration_error
    if error is None:
        return
    limit = bounds.worst_error
    says = f"calibration error {error:.4f}, at most {limit:.4f}"
    if reference is not None:
        limit = min(limit, reference + bounds.worst_increase)
        says += f" and {bounds.worst_increase:.4f} above the reference's {reference:.4f}"
    yield Gate("calibrated", error <= limit, says)


def _even(groups: Iterable[GroupReach], bounds: ReachBounds, noise: Noise) -> Iterator[Gate]:
    dimensions: dict[str, list[GroupReach]] = defaultdict(list)
    for group in groups:
        if group.subjects >= bounds.smallest_group:
            dimensions[group.dimension].append(group)
    for dimension, members in sorted(dimensions.items()):
        if len(members) < 2:
            continue
        best = max(members, key=lambda group: group.reach)
        worst = min(members, key=lambda group: group.reach)
        gap = best.reach - worst.reach
        before = max(group.baseline for group in members) - min(group.baseline for group in members)
        # Small groups differ by chance: what is held against a challenger is the widening that is sure.
        sure = gap - before - _chance(best, worst, noise.confidence)
        says = (
            f"gap in reach by {dimension} {gap:.3f} ({best.group} {best.reach:.3f} of {best.subjects}, "
            f"{worst.group} {worst.reach:.3f} of {worst.subjects}), {before:.3f} before; it widened by "
            f"{max(sure, 0.0):.3f} for sure and may by {bounds.worst_widening:.3f}"
        )
        yield Gate(f"even by {dimension}", sure <= bounds.worst_widening, says)


def _chance(best: GroupReach, worst: GroupReach, confidence: float) -> float:
    """How far two shares of so many subjects differ by chance."""
    variance = sum(group.reach * (1 - group.reach) / group.subjects for group in (best, worst))
    return NormalDist().inv_cdf((1 + confidence) / 2) * math.sqrt(variance)
