"""What announces an event: its trigger on the day, and what its subject would declare with it."""

from __future__ import annotations

import datetime as dt

import pytest

from catalog.announcing import NotAnnounceable, announcement
from catalog.catalogue import Catalogue
from catalog.predicate import attributes_of
from catalog.vocabulary import Origin

ON = dt.date(2026, 11, 21)


@pytest.mark.parametrize(
    ("event", "announced"),
    [
        ("le-newborn", {"child_birth_date": ON}),
        ("le-marriage", {"plans_to_marry": True}),
        ("le-unemployment", {"employment_status": "unemployed"}),
        ("le-hardship", {"family_hardship": True}),
        # A plan is declared with it; that the firm has no debts is not for us to suppose.
        ("le-simple-dereg", {"dereg_announcement_end_date": ON, "plans_deregistration": True}),
        # What authorities hold (that the site sells publications) stays as it is.
        ("le-open-bookstore", {"planned_opening_date": ON}),
    ],
)
def test_an_event_is_announced_by(real: Catalogue, event: str, announced: dict[str, object]) -> None:
    assert announcement(real.events[event], real, ON) == announced


@pytest.mark.parametrize(
    ("event", "asks"),
    [
        ("le-elder-60", "age"),
        ("le-social-card", "social_card_status"),
        ("le-public-rental", "per_capita_housing_area"),
    ],
)
def test_what_no_single_value_announces_says_what_to_state(real: Catalogue, event: str, asks: str) -> None:
    with pytest.raises(NotAnnounceable, match=asks):
        announcement(real.events[event], real, ON)


def test_every_event_is_announced_or_says_what_it_asks_for(real: Catalogue) -> None:
    for event in real.events.values():
        read = {name for criterion in event.criteria for name in attributes_of(criterion.predicate)}
        try:
            announced = announcement(event, real, ON)
        except NotAnnounceable as said:
            assert all(name in str(said) for name in read), event.id
        else:
            assert event.trigger in announced
            for name in announced.keys() - {event.trigger}:
                assert real.attributes[name].origin is Origin.DECLARED
                assert name in read
