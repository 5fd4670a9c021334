"""Refusals that time alone will turn: the first day on which an item holds."""

from __future__ import annotations

import datetime as dt

from catalog.predicate import And
from models.eligibility.completion import Facts
from models.eligibility.figures import figures_on, substitute
from models.eligibility.interpretation import interpret, interpret_hopefully
from models.eligibility.rules import RuleSet
from models.recommendation import Verdict


def verdict_on(rules: RuleSet, told: Facts, item: str, on: dt.date) -> Verdict:
    """One item's verdict on another day, were nothing to change but the date and the dated figures."""
    figures = figures_on(rules.register.parameters.values(), on)
    criteria = rules.rules[rules.places[item]].criteria
    condition = And(tuple(substitute(criterion.predicate, figures) for criterion in criteria))
    return interpret(condition, rules.completion.complete(told, on))


def first_day(rules: RuleSet, told: Facts, item: str, until: dt.date) -> dt.date | None:
    """The first day after the rule set's own, up to `until`, on which time alone makes an item hold.

    None where something else than time would have to change, or is unknown.
    """
    timed = rules.completion.timed
    facts = rules.completion.complete(told, rules.on)
    condition = And(rules.predicates[rules.places[item]])
    if not timed or interpret_hopefully(condition, facts, timed) is not Verdict.TRUE:
        return None
    for days in range(1, (until - rules.on).days + 1):
        day = rules.on + dt.timedelta(days=days)
        if verdict_on(rules, told, item, day) is Verdict.TRUE:
            return day
    return None
