"""What a choice is worth: whole yuan expected, so that two sums are equal or they are not."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from models.policy_package.candidate import Candidate

PLANNING = Path(__file__).with_name("planning.yaml")


@dataclass(frozen=True, slots=True)
class Planning:
    """What is assumed of an item, in the objective alone, where nothing is known."""

    unknown_worth: float
    uptake_floor: float


@cache
def planning() -> Planning:
    """The declared assumptions (planning.yaml)."""
    text = yaml.safe_load(PLANNING.read_text(encoding="utf-8"))
    return Planning(float(text["unknown_worth"]["yuan"]), float(text["uptake_floor"]["value"]))


def worth(candidate: Candidate, assumed: Planning) -> int:
    """Yuan a candidate is expected to bring, at least 1: its sum (or the planning figure) times uptake.

    A yuan more for each item it takes precedence over, so that a text decides between equals.
    """
    known = candidate.money.yuan if candidate.money is not None else None
    sum_ = assumed.unknown_worth if known is None else known
    return max(1, round(sum_ * max(candidate.uptake, assumed.uptake_floor))) + candidate.precedence
