"""The next best question: the one answer, or consent, that decides most of what is undetermined."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from catalog.vocabulary import Scope
from models.eligibility.rule_book import SubjectJudgement
from models.eligibility.settling import settling_sets
from models.recommendation import Verdict

Case = tuple[str, str]
"""A scope item and an item."""
Untold = tuple[str, str]
"""A scope item (the subject itself, for what is the subject's own) and an attribute nobody has told."""
Sets = tuple[frozenset[Untold], ...]


@dataclass(frozen=True, slots=True)
class Question:
    """Some attributes to be told together: one answer, or what one consent opens."""

    name: str
    attributes: frozenset[Untold]
    decides: tuple[Case, ...]
    """What is decided whatever the answer."""
    worth: float
    """The weights of what it decides."""
    helps: float
    """And a share of the weights of what it is needed for: one of three attributes counts a third."""
    needed_by: tuple[Case, ...] = ()
    """What it is needed for, and does not decide alone."""


def open_cases(judgement: SubjectJudgement, weights: Mapping[Case, float] | None = None) -> dict[Case, Sets]:
    """The sets that would settle each undetermined item (of those with a weight, when weights are given)."""
    cases: dict[Case, Sets] = {}
    for scope_item, judged in judgement.judged.items():
        rules = judgement.sets[scope_item]
        for place in (judged.items == Verdict.UNKNOWN).nonzero()[0].tolist():
            item = rules.rules[place].item
            if weights is None or weights.get((scope_item, item), 0.0) > 0.0:
                found = settling_sets(rules, judged, int(rules.items[place]))
                cases[scope_item, item] = tuple(_placed(names, judgement, scope_item) for names in found)
    return cases


def date_cases(judgement: SubjectJudgement, anchors: Mapping[Case, str]) -> dict[Case, Sets]:
    """The sets that would tell the date each item's deadline counts from."""
    cases: dict[Case, Sets] = {}
    for (scope_item, item), anchor in anchors.items():
        completion, facts = judgement.sets[scope_item].completion, judgement.judged[scope_item].facts
        ways = completion.ways_to_learn(anchor, facts)
        cases[scope_item, item] = tuple(_placed(names, judgement, scope_item) for names in ways)
    return cases


def _placed(names: Iterable[str], judgement: SubjectJudgement, scope_item: str) -> frozenset[Untold]:
    """Attributes with the scope item each is told of: its own, or its owner's."""
    itself, known = next(iter(judgement.sets)), judgement.sets[scope_item].register.attributes
    return frozenset(
        (itself if name in known and known[name].scope is Scope.SELF else scope_item, name) for name in names
    )


def next_questions(
    cases: Mapping[Case, Sets],
    weights: Mapping[Case, float] | None = None,
    groups: Mapping[str, frozenset[Untold]] | None = None,
) -> tuple[Question, ...]:
    """Every question worth asking, the best first; ties go to what helps more, then by name.

    `weights` says what deciding an item is worth to the subject (1 without), `groups` which attributes
    are told together, by one answer or one consent; without groups every attribute is a question of its own.
    """
    if groups is None:
        groups = {untold[1]: frozenset([untold]) for sets in cases.values() for one in sets for untold in one}
    waiting: dict[Untold, dict[Case, None]] = {}
    for case, sets in cases.items():
        for untold in frozenset[Untold]().union(*sets):
            waiting.setdefault(untold, {})[case] = None
    questions = (_question(name, members, cases, waiting, weights) for name, members in groups.items())
    asked = [question for question in questions if question.helps > 0]
    return tuple(sorted(asked, key=lambda q: (-q.worth, -q.helps, q.name)))


def _question(
    name: str,
    members: frozenset[Untold],
    cases: Mapping[Case, Sets],
    waiting: Mapping[Untold, Iterable[Case]],
    weights: Mapping[Case, float] | None,
) -> Question:
    decides: list[Case] = []
    needed_by: list[Case] = []
    helps = 0.0
    for case in dict.fromkeys(case for untold in members for case in waiting.get(untold, ())):
        weight = _weight(case, weights)
        share = max(len(members & names) / len(names) for names in cases[case] if names)
        helps += weight * share
        if share == 1.0:
            decides.append(case)
        elif share > 0.0:
            needed_by.append(case)
    worth = sum(_weight(case, weights) for case in decides)
    return Question(name, members, tuple(sorted(decides)), worth, helps, tuple(sorted(needed_by)))


def _weight(case: Case, weights: Mapping[Case, float] | None) -> float:
    return 1.0 if weights is None else weights.get(case, 0.0)
