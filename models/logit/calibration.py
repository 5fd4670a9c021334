"""From scores to probabilities that mean what they say, and how far they do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

ENOUGH_FOR_ISOTONIC = 200
"""Positives below which a two-parameter curve (Platt) is safer than a free monotone one."""


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """A non-decreasing map from logits to probabilities, as knots to interpolate between."""

    logits: Floats
    probabilities: Floats
    method: str

    def __call__(self, logits: npt.NDArray[np.floating]) -> Floats:
        """Probabilities of any shape; beyond the outermost knots, the outermost value."""
        return np.asarray(np.interp(logits, self.logits, self.probabilities), dtype=np.float64)


def fit_calibration(
    logits: Floats, outcomes: npt.NDArray[np.bool_], weights: Floats | None = None
) -> Calibration:
    """Isotonic where positives and negatives suffice, else Platt; never certain of either outcome.

    `weights` say how much each case counts, all alike by default. Raises ValueError unless both outcomes
    occur.
    """
    positives = int(outcomes.sum())
    if positives == 0 or positives == len(outcomes):
        raise ValueError(f"calibration needs both outcomes, and saw {positives} of {len(outcomes)}")
    if min(positives, len(outcomes) - positives) >= ENOUGH_FOR_ISOTONIC:
        return _isotonic(logits, outcomes, weights)
    return _platt(logits, outcomes, weights)


def _isotonic(logits: Floats, outcomes: npt.NDArray[np.bool_], weights: Floats | None) -> Calibration:
    from sklearn.isotonic import IsotonicRegression

    # No finite sample shows that a thing never or always happens: half a case either way.
    bound = 0.5 / len(outcomes)
    curve = IsotonicRegression(y_min=bound, y_max=1 - bound, out_of_bounds="clip")
    fitted = curve.fit(logits, outcomes, sample_weight=weights)
    return Calibration(
        np.asarray(fitted.X_thresholds_, np.float64), np.asarray(fitted.y_thresholds_, np.float64), "isotonic"
    )


def _platt(logits: Floats, outcomes: npt.NDArray[np.bool_], weights: Floats | None) -> Calibration:
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=1.0).fit(logits[:, None], outcomes, sample_weight=weights)
    slope = max(float(fitted.coef_[0, 0]), 0.0)
    knots = np.linspace(-16.0, 16.0, 257)
    return Calibration(knots, sigmoid(slope * knots + float(fitted.intercept_[0])), "platt")


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Cases whose probability fell between two bounds: what was said, and what happened."""

    low: float
    high: float
    cases: int
    mean_probability: float
    share_happened: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """How well probabilities hold: the bins, and four numbers."""

    bins: tuple[ReliabilityBin, ...]
    cases: int
    happened: int
    expected_calibration_error: float
    """Mean absolute difference of said and happened, bins weighted by cases."""
    brier: float
    brier_of_base_rate: float
    log_loss: float
    calibration_in_the_large: float
    """Happened over expected; 1 is right."""


def reliability(probabilities: Floats, outcomes: npt.NDArray[np.bool_], bins: int = 10) -> Reliability:
    """Bins of equal numbers of cases. Raises ValueError for no cases or a NaN."""
    if not len(outcomes) or not np.isfinite(probabilities).all():
        raise ValueError("reliability needs at least one case, and no NaN")
    happened = outcomes.astype(np.float64)
    order = np.argsort(probabilities, kind="stable")
    parts = [part for part in np.array_split(order, min(bins, len(order))) if len(part)]
    made = tuple(
        ReliabilityBin(
            float(probabilities[part[0]]),
            float(probabilities[part[-1]]),
            len(part),
            float(probabilities[part].mean()),
            float(happened[part].mean()),
        )
        for part in parts
    )
    error = sum(b.cases * abs(b.mean_probability - b.share_happened) for b in made) / len(order)
    clipped = np.clip(probabilities, 1e-12, 1 - 1e-12)
    losses = -(happened * np.log(clipped) + (1 - happened) * np.log1p(-clipped))
    base = float(happened.mean())
    return Reliability(
        bins=made,
        cases=len(order),
        happened=int(outcomes.sum()),
        expected_calibration_error=float(error),
        brier=float(((probabilities - happened) ** 2).mean()),
        brier_of_base_rate=base * (1 - base),
        log_loss=float(losses.mean()),
        calibration_in_the_large=float(happened.sum() / max(probabilities.sum(), 1e-12)),
    )


def sigmoid(logits: npt.NDArray[np.floating]) -> Floats:
    """1 / (1 + exp(-x)) without overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * np.asarray(logits, np.float64))), dtype=np.float64)
