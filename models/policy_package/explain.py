"""Why the package is as it is: how each entry came in, what was given up for what, what is nearly there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from catalog.vocabulary import Names
from models.policy_package.candidate import Candidate
from models.policy_package.constraints import Constraints
from models.policy_package.objective import planning, worth
from models.policy_package.package import GivenUp, NearMiss
from models.recommendation import Reason, Verdict

Against = tuple[tuple[str, ...], Reason]
"""The chosen items that stood in the way, and how."""

NEAR_DAYS = 180
"""As for standings: what time alone opens within half a year."""


def given_up(
    candidates: Sequence[Candidate], chosen: Sequence[Candidate], constraints: Constraints, on: dt.date
) -> tuple[GivenUp, ...]:
    """Every eligible candidate left out, dearest first, with all that stood against it."""
    taken = {c.key for c in chosen}
    left = [c for c in candidates if c.verdict is Verdict.TRUE and c.key not in taken]
    left.sort(key=lambda c: (-worth(c, planning()), c.key))
    return tuple(_given_up(c, chosen, constraints, on) for c in left)


def near_misses(
    candidates: Sequence[Candidate],
    chosen: Sequence[Candidate],
    constraints: Constraints,
    on: dt.date,
    at_most: int,
) -> tuple[NearMiss, ...]:
    """Candidates that an answer or time would open and that would be worth more than what they displace."""
    near = [(c, reason) for c in candidates if (reason := _nearness(c, on)) is not None]
    gains = {c.key: worth(c, planning()) - _displaced(c, chosen, constraints) for c, _ in near}
    near = sorted((n for n in near if gains[n[0].key] > 0), key=lambda n: (-gains[n[0].key], n[0].key))
    return tuple(
        NearMiss(c.item, c.scope_item, c.names, c.money, c.settles, c.eligible_from, reason)
        for c, reason in near[:at_most]
    )


def _given_up(
    candidate: Candidate, chosen: Sequence[Candidate], constraints: Constraints, on: dt.date
) -> GivenUp:
    found: list[Against]
    if candidate.due_on is not None and candidate.due_on < on:
        found = [
            ((), _reason("deadline_passed", f"已于{candidate.due_on}截止", f"Closed on {candidate.due_on}"))
        ]
    else:
        found = list(_against(candidate, chosen, constraints, on))
    instead = sorted({item for items, _ in found for item in items})
    reasons = tuple(reason for _, reason in found)
    return GivenUp(
        candidate.item, candidate.scope_item, candidate.names, candidate.money, tuple(instead), reasons
    )


def _against(
    candidate: Candidate, chosen: Sequence[Candidate], constraints: Constraints, on: dt.date
) -> Iterator[Against]:
    """Each constraint that adding the candidate to the chosen would break or make useless."""
    for rival in chosen:
        if constraints.clash(candidate, rival):
            pair = constraints.pair(candidate.item, rival.item)
            source = pair.source if pair else ""
            yield (
                (rival.item,),
                _reason(
                    "exclusive",
                    f"不能与“{rival.names.zh}”同时享受({source})",
                    f"Cannot be held together with “{rival.names.en}” ({source})",
                ),
            )
    yield from _groups_against(candidate, chosen, constraints)
    yield from _effort_against(candidate, chosen, constraints, on)


def _groups_against(
    candidate: Candidate, chosen: Sequence[Candidate], constraints: Constraints
) -> Iterator[Against]:
    for group in constraints.groups:
        if candidate.item not in group.items:
            continue
        inside = [c for c in chosen if c.item in group.items]
        items = tuple(c.item for c in inside)
        if group.at_most is not None and len(inside) >= group.at_most:
            yield (
                items,
                _reason(
                    "stacking_limit",
                    f"“{group.names.zh}”最多享受{group.at_most}项({group.source})",
                    f"“{group.names.en}” allows at most {group.at_most} ({group.source})",
                ),
            )
        if group.cap is not None and sum(worth(c, planning()) for c in inside) >= max(1, round(group.cap)):
            yield (
                items,
                _reason(
                    "cap_reached",
                    f"“{group.names.zh}”合计上限{group.cap:,.0f}元已达到({group.source})",
                    f"“{group.names.en}” is paid up to {group.cap:,.0f} yuan in all ({group.source})",
                ),
            )


def _effort_against(
    candidate: Candidate, chosen: Sequence[Candidate], constraints: Constraints, on: dt.date
) -> Iterator[Against]:
    if not candidate.effort:
        return
    budget = constraints.effort
    working = [c for c in chosen if c.effort]
    if budget.papers is not None and sum(c.effort for c in working) + candidate.effort > budget.papers:
        yield (
            tuple(c.item for c in working),
            _reason(
                "effort",
                f"准备材料总数将超过{budget.papers}份",
                f"Would take more than {budget.papers} papers in all",
            ),
        )
    deadlines = {c.due_on for c in [*working, candidate] if c.due_on is not None}
    for due_on in sorted(d for d in deadlines if candidate.due_on is not None and d >= candidate.due_on):
        limit = budget.by(due_on, on)
        due = [c for c in working if c.due_on is not None and c.due_on <= due_on]
        if limit is not None and sum(c.effort for c in due) + candidate.effort > limit:
            yield (
                tuple(c.item for c in due),
                _reason(
                    "effort_by_deadline",
                    f"{due_on}前来不及准备超过{limit}份材料",
                    f"No more than {limit} papers can be gathered by {due_on}",
                ),
            )
            return


def _nearness(candidate: Candidate, on: dt.date) -> Reason | None:
    if candidate.verdict is Verdict.UNKNOWN and candidate.settles:
        return _reason(
            "needs_information", "补充信息后即可确定是否符合", "A missing fact decides whether it applies"
        )
    opens = candidate.eligible_from
    soon = opens is not None and on < opens <= on + dt.timedelta(days=NEAR_DAYS)
    if candidate.verdict is Verdict.FALSE and soon:
        return _reason("upcoming", f"自{opens}起符合条件", f"Applies from {opens}")
    return None


def _displaced(candidate: Candidate, chosen: Sequence[Candidate], constraints: Constraints) -> int:
    return sum(worth(c, planning()) for c in chosen if constraints.clash(candidate, c))


def _reason(code: str, zh: str, en: str) -> Reason:
    return Reason(code, Names(zh=zh, en=en))
