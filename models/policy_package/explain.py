"""Why the package is as it is: what was given up for what, and what is nearly there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from models.policy_package.candidate import Candidate
from models.policy_package.objective import planning, worth
from models.policy_package.obstacles import Obstacle, Obstacles, reason
from models.policy_package.package import GivenUp, NearMiss
from models.recommendation import Reason, Verdict

NEAR_DAYS = 180
"""As for standings: what time alone opens within half a year."""


def given_up(
    candidates: Sequence[Candidate], chosen: Sequence[Candidate], obstacles: Obstacles, on: dt.date
) -> tuple[GivenUp, ...]:
    """Every eligible candidate left out, dearest first, with all that stood against it."""
    taken = {c.key for c in chosen}
    left = [c for c in candidates if c.verdict is Verdict.TRUE and c.key not in taken]
    left.sort(key=lambda c: (-worth(c, planning()), c.key))
    return tuple(_given_up(c, obstacles, on) for c in left)


def near_misses(
    candidates: Sequence[Candidate], obstacles: Obstacles, on: dt.date, at_most: int
) -> tuple[NearMiss, ...]:
    """Candidates that an answer or time would open and that would be worth more than what they displace."""
    near = []
    for candidate in candidates:
        why = _nearness(candidate, on)
        if why is not None:
            displaced = sum(worth(rival, planning()) for rival in obstacles.rivals(candidate))
            near.append((displaced - worth(candidate, planning()), candidate.key, candidate, why))
    near.sort(key=lambda n: n[:2])
    return tuple(
        NearMiss(c.item, c.scope_item, c.names, c.money, c.settles, c.eligible_from, why)
        for loss, _, c, why in near[:at_most]
        if loss < 0
    )


def _given_up(candidate: Candidate, obstacles: Obstacles, on: dt.date) -> GivenUp:
    found: list[Obstacle]
    if candidate.due_on is not None and candidate.due_on < on:
        ended = f"已于{candidate.due_on}截止", f"Closed on {candidate.due_on}"
        found = [((), reason("deadline_passed", *ended))]
    else:
        found = list(obstacles.against(candidate))
    instead = sorted({item for items, _ in found for item in items})
    reasons = tuple(why for _, why in found)
    return GivenUp(
        candidate.item, candidate.scope_item, candidate.names, candidate.money, tuple(instead), reasons
    )


def _nearness(candidate: Candidate, on: dt.date) -> Reason | None:
    if candidate.verdict is Verdict.UNKNOWN and candidate.settles:
        return reason(
            "needs_information", "补充信息后即可确定是否符合", "A missing fact decides whether it applies"
        )
    opens = candidate.eligible_from
    soon = opens is not None and on < opens <= on + dt.timedelta(days=NEAR_DAYS)
    if candidate.verdict is Verdict.FALSE and soon:
        return reason("upcoming", f"自{opens}起符合条件", f"Applies from {opens}")
    return None
