"""Why the ranker put an entry where it is: said only of what really weighed most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from catalog.vocabulary import Names
from models.recommendation import Reason

LEAST: Final = 0.25
"""Of the score: a smaller contribution is not worth telling as the reason."""

RANKED_BY: Final[Mapping[str, Reason]] = {
    "affinity": Reason(
        "ranked_by_affinity",
        Names(zh="与您情况、办事经历相近的人常办", en="Often done by people in a situation like yours"),
    ),
    "event": Reason(
        "ranked_by_event",
        Names(zh="您近期可能用得上", en="You may need this soon"),
    ),
    "value": Reason(
        "ranked_by_value",
        Names(zh="对您的好处较大", en="Worth comparatively much to you"),
    ),
    "ready": Reason(
        "ranked_by_ready",
        Names(zh="材料已齐，马上能办", en="Nothing is missing: it can be done now"),
    ),
}


def strongest(contributions: Mapping[str, float]) -> Reason | None:
    """The reason of the largest positive contribution, if it is worth telling."""
    name, amount = max(contributions.items(), key=lambda one: (one[1], one[0]), default=("", 0.0))
    return RANKED_BY[name] if amount >= LEAST else None
