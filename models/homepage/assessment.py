"""Why, and why not: one item judged for one scope item, criterion by criterion."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from catalog.catalogue import Item
from catalog.criterion import Criterion
from models.eligibility.explanation import attributes_behind, open_atoms
from models.eligibility.rule_book import VERDICTS, SubjectJudgement
from models.recommendation import Assessment, CriterionVerdict, Verdict

HORIZON = dt.timedelta(days=180)
"""How far ahead is looked for a day on which time alone turns a verdict."""


def assess(item: Item, scope_item: str, judgement: SubjectJudgement) -> Assessment:
    """The item's verdict on the day of judgement, with each criterion's own and what would settle it.

    Raises KeyError for an item that does not range over such a scope item or is not confirmed.
    """
    verdict = judgement.verdicts(scope_item)[item.id]
    unknown = judgement.unknown(scope_item, item.id) if verdict is Verdict.UNKNOWN else ()
    refused = verdict is Verdict.FALSE
    until = judgement.on + HORIZON
    return Assessment(
        scope_item=scope_item,
        item=item.id,
        on=judgement.on,
        verdict=verdict,
        criteria=tuple(_criteria(item, scope_item, judgement)),
        settles=(frozenset(unknown),) if unknown else (),
        eligible_from=judgement.eligible_from(scope_item, item.id, until) if refused else None,
    )


def _criteria(item: Item, scope_item: str, judgement: SubjectJudgement) -> Iterable[CriterionVerdict]:
    rules, judged = judgement.sets[scope_item], judgement.judged[scope_item]
    wires = rules.criteria[rules.places[item.id]].tolist()
    for criterion, wire in zip(item.criteria, wires, strict=True):
        verdict = VERDICTS[int(judged.wires[wire])]
        waiting = open_atoms(rules, judged, wire) if verdict is Verdict.UNKNOWN else set()
        yield _criterion(criterion, verdict, attributes_behind(rules, judged, waiting))


def _criterion(criterion: Criterion, verdict: Verdict, unknown: tuple[str, ...]) -> CriterionVerdict:
    return CriterionVerdict(criterion.id, verdict, criterion.expression, criterion.legal_source, unknown)
