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
    "interest": Reason(
        "ranked_by_interest",
        Names(zh="您近期查过、看过或办过一半", en="You lately looked for it, or began it"),
    ),
    "time": Reason(
        "ranked_by_time",
        Names(zh="时候将近，这段时间常办", en="Its time is near: it is often done about now"),
    ),
    "again": Reason(
        "ranked_by_again",
        Names(zh="您办过，又到再办的时候", en="You did it before, and it may be due again"),
    ),
    "usual": Reason(
        "ranked_by_usual",
        Names(zh="符合条件的人常办", en="Often done by those who qualify"),
    ),
    "ready": Reason(
        "ranked_by_ready",
        Names(zh="材料已齐，马上能办", en="Nothing is missing: it can be done now"),
    ),
}

REASON_OF: Final[Mapping[str, str]] = {
    "like": "affinity",
    "event": "event",
    "interest": "interest",
    "time": "time",
    "again": "again",
    "what": "usual",
    "effort": "ready",
}
"""By family of terms, the reason that says so; of the other families none is told."""


def reasons_of(families: Mapping[str, float], *, ready: bool) -> dict[str, float]:
    """What each reason adds, from what each family does; what is not ready is never said to be."""
    told = {REASON_OF[family]: added for family, added in families.items() if family in REASON_OF}
    return told if ready else {name: added for name, added in told.items() if name != "ready"}


def strongest(contributions: Mapping[str, float]) -> Reason | None:
    """The reason of the largest positive contribution, if it is worth telling."""
    name, amount = max(contributions.items(), key=lambda one: (one[1], one[0]), default=("", 0.0))
    return RANKED_BY[name] if amount >= LEAST else None
