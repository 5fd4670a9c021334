"""What is known about each item for one subject when its page is ordered."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from models.ranking.terms import SubjectTerms
from models.ranking.use_model import UseModel


class RankSignalError(ValueError):
    """A signal or weight that cannot be ranked by; names every one at fault."""


@dataclass(frozen=True, slots=True)
class RankWeights:
    """How much each signal counts. None is negative: better is never ranked lower for being better."""

    affinity: float = 1.0
    """For one standard deviation of affinity among the candidates."""
    event: float = 2.0
    """For an event that is certain."""
    value: float = 0.5
    """For one standard deviation of value among the candidates that have one."""
    ready: float = 0.4
    """For nothing missing."""
    effort: float = 0.15
    """Against each paper missing."""
    fatigue: float = 0.5
    """Against each unit of having been shown in vain."""
    diversity: float = 0.35
    """Against each entry of the same theme already placed."""

    def __post_init__(self) -> None:
        """Raise RankSignalError for a weight that is negative or not a number."""
        wrong = [one.name for one in fields(self) if not 0.0 <= getattr(self, one.name) < math.inf]
        if wrong:
            raise RankSignalError(f"weights must be finite and not negative: {', '.join(wrong)}")


@dataclass(frozen=True, slots=True)
class LearnedUse:
    """The learned ranker, and what it reads of the subject."""

    model: UseModel
    terms: SubjectTerms


@dataclass(frozen=True, slots=True)
class RankSignals:
    """Learned and computed signals by item id; an item that is missing from one says nothing there."""

    model: str
    """Name and version of what made them, shown as `ordered_by`."""
    affinity: Mapping[str, float] = field(default_factory=dict)
    event_probability: Mapping[str, float] = field(default_factory=dict)
    """The likeliest forecast life or business event that the item is a step of, 0 to 1."""
    value: Mapping[str, float] = field(default_factory=dict)
    fatigue: Mapping[str, float] = field(default_factory=dict)
    """How often it was lately shown and not taken up, decayed; 0 and more."""
    themes: Mapping[str, str] = field(default_factory=dict)
    weights: RankWeights = field(default_factory=RankWeights)
    use: LearnedUse | None = None
    """The learned ranker; without one the weights put the signals together."""

    def __post_init__(self) -> None:
        """Raise RankSignalError for numbers that are not finite or out of their range."""
        wrong = [
            f"{name} of {item}"
            for name in ("affinity", "event_probability", "value", "fatigue")
            for item, value in getattr(self, name).items()
            if not math.isfinite(value)
        ]
        wrong += [f"event_probability of {i}" for i, p in self.event_probability.items() if not 0 <= p <= 1]
        wrong += [f"fatigue of {i}" for i, tired in self.fatigue.items() if tired < 0]
        if wrong:
            raise RankSignalError(f"cannot rank by: {', '.join(sorted(set(wrong)))}")
