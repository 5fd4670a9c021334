"""What stands against adding one more item to a choice, indexed once for the whole choice."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate

from catalog.vocabulary import Names
from models.policy_package.candidate import Candidate
from models.policy_package.constraints import Constraints, Group
from models.policy_package.objective import planning, worth
from models.recommendation import Reason

Obstacle = tuple[tuple[str, ...], Reason]
"""The chosen items that stand in the way, and how."""

NEAREST = 3
"""Of all the items whose papers use up the time, those worth least a paper are named."""


class Obstacles:
    """The chosen items and what room they leave."""

    def __init__(self, chosen: Sequence[Candidate], constraints: Constraints, on: dt.date) -> None:
        """Index a choice made under these constraints on this day."""
        self._constraints = constraints
        self._by_item: dict[str, list[Candidate]] = {}
        for candidate in chosen:
            self._by_item.setdefault(candidate.item, []).append(candidate)
        self._groups = [(g, [c for c in chosen if c.item in g.items]) for g in constraints.groups]
        working = [c for c in chosen if c.effort]
        self._papers = sum(c.effort for c in working)
        self._working = sorted(working, key=lambda c: (worth(c, planning()) / c.effort, c.key))
        due: dict[dt.date, int] = {}
        for candidate in working:
            if candidate.due_on is not None:
                due[candidate.due_on] = due.get(candidate.due_on, 0) + candidate.effort
        self._days = sorted(due)
        self._due = [0, *accumulate(due[day] for day in self._days)]
        """Papers due by the day before each, and by the last in all."""
        self._on = on

    def rivals(self, candidate: Candidate) -> list[Candidate]:
        """The chosen items that cited texts set against a candidate."""
        said = self._constraints.said_of(candidate.item)
        found = (rival for item in sorted(said) for rival in self._by_item.get(item, ()))
        return [rival for rival in found if self._constraints.clash(candidate, rival)]

    def against(self, candidate: Candidate) -> Iterator[Obstacle]:
        """Each constraint that adding the candidate would break or make useless."""
        for rival in self.rivals(candidate):
            source = self._constraints.said_of(candidate.item)[rival.item].source
            yield (
                (rival.item,),
                reason(
                    "exclusive",
                    f"不能与“{rival.names.zh}”同时享受({source})",
                    f"Cannot be held together with “{rival.names.en}” ({source})",
                ),
            )
        for group, inside in self._groups:
            if candidate.item in group.items:
                yield from _full(group, inside)
        if candidate.effort:
            yield from self._too_much(candidate)

    def _too_much(self, candidate: Candidate) -> Iterator[Obstacle]:
        budget = self._constraints.effort
        if budget.papers is not None and self._papers + candidate.effort > budget.papers:
            yield (
                tuple(c.item for c in self._working[:NEAREST]),
                reason(
                    "effort",
                    f"准备材料总数将超过{budget.papers}份",
                    f"Would take more than {budget.papers} papers in all",
                ),
            )
        for day, due in self._due_from(candidate.due_on) if candidate.due_on is not None else ():
            limit = budget.by(day, self._on)
            if limit is not None and due + candidate.effort > limit:
                rivals = [c.item for c in self._working if c.due_on is not None and c.due_on <= day]
                yield (
                    tuple(rivals[:NEAREST]),
                    reason(
                        "effort_by_deadline",
                        f"{day}前来不及准备超过{limit}份材料",
                        f"No more than {limit} papers can be gathered by {day}",
                    ),
                )
                return

    def _due_from(self, own: dt.date) -> Iterator[tuple[dt.date, int]]:
        """The papers of the choice that are due by a day, and by each later deadline."""
        at = bisect_left(self._days, own)
        if at == len(self._days) or self._days[at] != own:
            yield own, self._due[at]
        yield from zip(self._days[at:], self._due[at + 1 :], strict=True)


def _full(group: Group, inside: Sequence[Candidate]) -> Iterator[Obstacle]:
    items = tuple(c.item for c in inside)
    if group.at_most is not None and len(inside) >= group.at_most:
        yield (
            items,
            reason(
                "stacking_limit",
                f"“{group.names.zh}”最多享受{group.at_most}项({group.source})",
                f"“{group.names.en}” allows at most {group.at_most} ({group.source})",
            ),
        )
    if group.cap is not None and sum(worth(c, planning()) for c in inside) >= max(1, round(group.cap)):
        yield (
            items,
            reason(
                "cap_reached",
                f"“{group.names.zh}”合计上限{group.cap:,.0f}元已达到({group.source})",
                f"“{group.names.en}” is paid up to {group.cap:,.0f} yuan in all ({group.source})",
            ),
        )


def reason(code: str, zh: str, en: str) -> Reason:
    """A reason in both languages."""
    return Reason(code, Names(zh=zh, en=en))
