"""One item judged for one scope item, with reasons: every criterion, what would settle it, when it turns."""

from __future__ import annotations

import datetime as dt

from models.eligibility.explanation import attributes_behind, open_atoms
from models.eligibility.rule_book import VERDICTS, SubjectJudgement
from models.eligibility.settling import settling_sets
from models.recommendation import Assessment, CriterionVerdict, Verdict

HORIZON = dt.timedelta(days=180)
"""How far ahead is looked for a day on which time alone turns a refusal."""


def assess(
    judgement: SubjectJudgement, scope_item: str, item: str, horizon: dt.timedelta = HORIZON
) -> Assessment:
    """The item's verdict on the day of judgement and all that explains it.

    Raises KeyError for an item that does not range over such a scope item or is not confirmed.
    """
    rules, judged = judgement.sets[scope_item], judgement.judged[scope_item]
    place = rules.places[item]
    verdict = VERDICTS[judged.items[place]]
    settles: tuple[frozenset[str], ...] = ()
    eligible_from = None
    if verdict is Verdict.UNKNOWN:
        settles = settling_sets(rules, judged, int(rules.items[place]))
    elif verdict is Verdict.FALSE:
        eligible_from = judgement.eligible_from(scope_item, item, judgement.on + horizon)
    criteria = criterion_verdicts(judgement, scope_item, item)
    return Assessment(scope_item, item, judgement.on, verdict, criteria, settles, eligible_from)


def criterion_verdicts(
    judgement: SubjectJudgement, scope_item: str, item: str
) -> tuple[CriterionVerdict, ...]:
    """Each criterion of an item as judged, with the attributes an undetermined one waits for."""
    rules, judged = judgement.sets[scope_item], judgement.judged[scope_item]
    place = rules.places[item]
    found = []
    for criterion, wire in zip(rules.rules[place].criteria, rules.criteria[place].tolist(), strict=True):
        verdict = VERDICTS[judged.verdicts[wire]]
        waiting = open_atoms(rules, judged.verdicts, wire) if verdict is Verdict.UNKNOWN else set()
        unknown = attributes_behind(rules, judged.facts, waiting)
        found.append(
            CriterionVerdict(criterion.id, verdict, criterion.expression, criterion.legal_source, unknown)
        )
    return tuple(found)
