"""The next best question: the one answer, or consent, that decides most of what is undetermined."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from models.eligibility.rule_book import SubjectJudgement
from models.eligibility.settling import settling_sets
from models.recommendation import Verdict

Case = tuple[str, str]
"""A scope item and an item."""


@dataclass(frozen=True, slots=True)
class Question:
    """Some attributes to be told together: one answer, or what one consent opens."""

    name: str
    attributes: frozenset[str]
    decides: tuple[Case, ...]
    """What is decided whatever the answer."""
    worth: float
    """The weights of what it decides."""
    helps: float
    """And a share of the weights of what it is needed for: one of three attributes counts a third."""


def open_cases(
    judgement: SubjectJudgement, weights: Mapping[str, float] | None = None
) -> dict[Case, tuple[frozenset[str], ...]]:
    """The sets that would settle each undetermined item (of those with a weight, when weights are given)."""
    cases: dict[Case, tuple[frozenset[str], ...]] = {}
    for scope_item, judged in judgement.judged.items():
        rules = judgement.sets[scope_item]
        for place in (judged.items == Verdict.UNKNOWN).nonzero()[0].tolist():
            item = rules.rules[place].item
            if weights is None or weights.get(item, 0.0) > 0.0:
                cases[scope_item, item] = settling_sets(rules, judged, int(rules.items[place]))
    return cases


def next_questions(
    cases: Mapping[Case, tuple[frozenset[str], ...]],
    weights: Mapping[str, float] | None = None,
    groups: Mapping[str, frozenset[str]] | None = None,
) -> tuple[Question, ...]:
    """Every question worth asking, the best first; ties go to what helps more, then by name.

    `weights` says what deciding an item is worth to the subject (1 without), `groups` which attributes
    one consent opens; without groups every attribute is a question of its own.
    """
    if groups is None:
        names = {name for sets in cases.values() for names in sets for name in names}
        groups = {name: frozenset([name]) for name in names}
    questions = (_question(name, members, cases, weights) for name, members in groups.items())
    asked = [question for question in questions if question.helps > 0]
    return tuple(sorted(asked, key=lambda q: (-q.worth, -q.helps, q.name)))


def _question(
    name: str,
    members: frozenset[str],
    cases: Mapping[Case, tuple[frozenset[str], ...]],
    weights: Mapping[str, float] | None,
) -> Question:
    decides: list[Case] = []
    helps = 0.0
    for case, sets in cases.items():
        weight = 1.0 if weights is None else weights.get(case[1], 0.0)
        share = max((len(members & names) / len(names) for names in sets if names), default=0.0)
        helps += weight * share
        if share == 1.0:
            decides.append(case)
    worth = _sum(decides, weights)
    return Question(name, members, tuple(sorted(decides)), worth, helps)


def _sum(cases: Iterable[Case], weights: Mapping[str, float] | None) -> float:
    return sum(1.0 if weights is None else weights.get(item, 0.0) for _, item in cases)
