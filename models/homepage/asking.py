"""What to ask a subject next: of all that their page cannot tell, the answer or consent that decides most."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

import yaml

from catalog.catalogue import Catalogue
from catalog.vocabulary import Nature
from models.eligibility.questions import Case, Sets, Untold, date_cases, next_questions, open_cases
from models.eligibility.rule_book import SubjectJudgement
from models.recommendation import Entry, Verdict
from models.standing.turns import anchor_needed, nature_of

ANSWER, CONSENT = "answer", "consent"


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing to ask: an attribute to be told, or a consent that lets registers tell."""

    kind: Literal["answer", "consent"]
    attributes: tuple[Untold, ...]
    consent_group: str | None
    decides: tuple[Case, ...]
    """What is decided whatever the answer (for a consent: if the registers know)."""
    needed_by: tuple[Case, ...]
    """What it is needed for, together with more."""
    worth: float


def asks(
    entries: Iterable[Entry], catalogue: Catalogue, judgement: SubjectJudgement, withheld: frozenset[str]
) -> tuple[Ask, ...]:
    """Everything worth asking about a page's undetermined entries, the best first."""
    cases = _cases(tuple(entry for entry in entries if entry.unknown), catalogue, judgement)
    weights = {case: _worth(catalogue, case[1]) for case in cases}
    groups, consents = _groups(cases, catalogue, withheld)
    return tuple(
        Ask(
            kind="consent" if question.name in consents else "answer",
            attributes=tuple(sorted(question.attributes)),
            consent_group=consents.get(question.name),
            decides=question.decides,
            needed_by=question.needed_by,
            worth=question.worth,
        )
        for question in next_questions(cases, weights, groups)
    )


def _cases(entries: tuple[Entry, ...], catalogue: Catalogue, judgement: SubjectJudgement) -> dict[Case, Sets]:
    """What settles each entry: its verdict, or the date its deadline counts from."""
    undecided: dict[Case, float] = {}
    undated: dict[Case, str] = {}
    verdicts = {place: judgement.verdicts(place) for place in {entry.scope_item for entry in entries}}
    for entry in entries:
        case = (entry.scope_item, entry.item)
        anchor = anchor_needed(catalogue.items[entry.item].duty)
        if verdicts[entry.scope_item][entry.item] is Verdict.UNKNOWN:
            undecided[case] = 1.0
        elif anchor is not None:
            undated[case] = anchor
    return {**open_cases(judgement, undecided), **date_cases(judgement, undated)}


def _groups(
    cases: Mapping[Case, Sets], catalogue: Catalogue, withheld: frozenset[str]
) -> tuple[dict[str, frozenset[Untold]], dict[str, str]]:
    """What is told together, by a name of its own; and of these, the consents with the theme each opens."""
    groups: dict[str, frozenset[Untold]] = {}
    consents: dict[str, str] = {}
    for untold in {untold for sets in cases.values() for one in sets for untold in one}:
        known = catalogue.attributes.get(untold[1])
        group = known.consent_group if known is not None and untold[1] in withheld else None
        name = f"{ANSWER} {untold[0]} {untold[1]}" if group is None else f"{CONSENT} {group}"
        groups[name] = groups.get(name, frozenset()) | {untold}
        if group is not None:
            consents[name] = group
    return groups, consents


def _worth(catalogue: Catalogue, item: str) -> float:
    return _worths()[nature_of(catalogue.items[item])]


@cache
def _worths() -> dict[Nature, float]:
    text = resources.files("models.homepage").joinpath("asking.yaml").read_text(encoding="utf8")
    return {Nature(nature): float(worth) for nature, worth in yaml.safe_load(text).items()}
