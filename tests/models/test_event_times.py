"""Events in their time: what is far off, or not known to be near, is not announced."""

from __future__ import annotations

import datetime as dt

from catalog.attribute import Attribute
from catalog.vocabulary import ValueType
from features.schema import Value
from models.eligibility.rule_book import RuleBook
from models.event_progress.progress import progress
from models.homepage.event_times import timely
from models.standing.standing import stand
from models.standing.working_days import published_calendar
from tests.models.small_catalogue import ON, attribute, catalogue, duty, event, profile, scope_item, service

BORN = attribute("born", ValueType.DATE)
TRACK = attribute("track", ValueType.ENUM, allowed=("cadre", "worker"))


def retires(derived: str | None) -> Attribute:
    return attribute("retires", ValueType.DATE, derived=derived, optional=True)


def announced(derived: str | None, **told: Value) -> list[str]:
    known = catalogue(
        BORN,
        TRACK,
        retires(derived),
        service("give-notice", "born IS NOT NULL"),
        service("retire", "retires IS NOT NULL", deadline="window(retires,-3M,+0D)"),
        event(
            "retiring",
            "retires IS NOT NULL",
            stages=[["retire"], ["give-notice"]],
            duty=duty("window(retires,-3M,+0D)"),
        ),
    )
    who = profile(scope_item(**told))
    judgement, calendar = RuleBook(known).judge(who, ON), published_calendar()
    found = progress(who, stand(who, known, judgement, calendar), known, judgement)
    return [each.event for each in timely(found, known, judgement, calendar)]


DERIVED = "when(track = 'cadre', add_years(born, 55), add_years(born, 50))"


def test_a_date_that_cannot_be_worked_out_announces_nothing() -> None:
    assert announced(DERIVED, born=dt.date(1972, 1, 1)) == []


def test_a_date_that_is_near_is_announced_and_one_far_off_is_not() -> None:
    assert announced(DERIVED, born=dt.date(1972, 1, 1), track="cadre") == ["retiring"]
    assert announced(DERIVED, born=dt.date(1990, 1, 1), track="cadre") == []


def test_what_a_register_says_has_happened_is_announced_without_its_date() -> None:
    assert announced(None, has_retires=True) == ["retiring"]
