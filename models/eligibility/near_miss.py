"""Refusals that time alone will turn: the first day on which an item holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from catalog.predicate import And
from models.eligibility.completion import Facts
from models.eligibility.figures import figures_on, substitute
from models.eligibility.interpretation import interpret
from models.eligibility.rules import RuleSet
from models.recommendation import Verdict

LAST_COMMON_DAY = 28
"""The last day that every month has."""


def verdict_on(rules: RuleSet, told: Facts, item: str, on: dt.date) -> Verdict:
    """One item's verdict on another day, were nothing to change but the date and the dated figures."""
    figures = figures_on(rules.register.parameters.values(), on)
    criteria = rules.rules[rules.places[item]].criteria
    condition = And(tuple(substitute(criterion.predicate, figures) for criterion in criteria))
    return interpret(condition, rules.completion.complete(told, on))


def first_day(rules: RuleSet, told: Facts, item: str, until: dt.date) -> dt.date | None:
    """The first day after the rule set's own, up to `until`, on which time alone makes an item hold."""
    for day in turning_days(rules, told, until):
        if verdict_on(rules, told, item, day) is Verdict.TRUE:
            return day
    return None


def turning_days(rules: RuleSet, told: Facts, until: dt.date) -> Iterator[dt.date]:
    """Every day after the rule set's own, up to `until`, on which a verdict can change, and some others.

    Completed months and years change on the corresponding day of a month, which is clamped where the
    month is short; calendar years on 1 January; figures on the day they come into force.
    """
    facts = rules.completion.complete(told, rules.on)
    dates = [facts.get(name) for name in rules.completion.clocks]
    numbers = {date.day for date in dates if isinstance(date, dt.date)}
    in_force = {value.valid_from for p in rules.register.parameters.values() for value in p.values}
    day = rules.on + dt.timedelta(days=1)
    while day <= until:
        turn_of_month = day.day == 1 or day.day >= LAST_COMMON_DAY
        if turn_of_month or day.day in numbers or day.isoformat() in in_force:
            yield day
        day += dt.timedelta(days=1)
