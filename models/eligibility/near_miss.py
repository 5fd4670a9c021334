"""Refusals that time alone will turn: the first day on which an item holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from catalog.predicate import And, attributes_of
from models.eligibility.completion import Completion, Facts
from models.eligibility.figures import TODAY, figures_on, substitute
from models.eligibility.interpretation import interpret
from models.eligibility.rules import RuleSet
from models.recommendation import Verdict

LAST_COMMON_DAY = 28
"""The last day that every month has."""
DAY = dt.timedelta(days=1)


def verdict_on(rules: RuleSet, told: Facts, item: str, on: dt.date) -> Verdict:
    """One item's verdict on another day, were nothing to change but the date and the dated figures."""
    figures = figures_on(rules.register.parameters.values(), on)
    criteria = rules.rules[rules.places[item]].criteria
    condition = And(tuple(substitute(criterion.predicate, figures) for criterion in criteria))
    return interpret(condition, _completion(rules, item).complete(told, on))


def first_day(rules: RuleSet, told: Facts, item: str, until: dt.date) -> dt.date | None:
    """The first day after the rule set's own, up to `until`, on which time alone makes an item hold."""
    for day in turning_days(rules, told, item, until):
        if verdict_on(rules, told, item, day) is Verdict.TRUE:
            return day
    return None


def turning_days(rules: RuleSet, told: Facts, item: str, until: dt.date) -> Iterator[dt.date]:
    """Every day after the rule set's own, up to `until`, on which an item's verdict can change.

    Completed months and years since a date change on the corresponding day of a month, or on the last
    one where the month has no such day; those until a date on the day after it, or on a first; calendar
    years on 1 January; figures on the day they come into force.
    """
    completion = _completion(rules, item)
    facts = completion.complete(told, rules.on)
    dates = [facts.get(name) for name in completion.clocks]
    numbers = {date.day for date in dates if isinstance(date, dt.date)}
    month_ends = any(number > LAST_COMMON_DAY for number in numbers)
    in_force = _in_force(rules, item)
    day = rules.on + DAY
    while day <= until:
        clamped = month_ends and day.day >= LAST_COMMON_DAY
        corresponds = day.day in numbers or (day - DAY).day in numbers
        if corresponds or clamped or day.day == 1 or day in in_force:
            yield day
        day += DAY


def figures_change(rules: RuleSet, item: str, until: dt.date) -> bool:
    """Whether what an item reads beside attributes (the day itself, dated figures) changes by a day."""
    criteria = rules.rules[rules.places[item]].criteria
    if any(TODAY in attributes_of(criterion.predicate) for criterion in criteria):
        return True
    return any(rules.on < day <= until for day in _in_force(rules, item))


def _completion(rules: RuleSet, item: str) -> Completion:
    """The completion of what one item reads."""
    predicates = rules.predicates[rules.places[item]]
    return rules.completion.only(name for predicate in predicates for name in attributes_of(predicate))


def _in_force(rules: RuleSet, item: str) -> set[dt.date]:
    """The days on which figures that one item reads come into force."""
    criteria = rules.rules[rules.places[item]].criteria
    read = {name for criterion in criteria for name in attributes_of(criterion.predicate)}
    parameters = (p for name, p in rules.register.parameters.items() if name in read)
    return {dt.date.fromisoformat(value.valid_from) for p in parameters for value in p.values}
