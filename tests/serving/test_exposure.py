"""What a page shows: duties always and first, new items within the budget, each with its exact chance."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.feedback.chance import Exposure
from models.feedback.terms import default_terms
from models.homepage import Page, arrange
from models.homepage.arrangement import is_duty
from models.recommendation import Entry, Homepage, Standing
from serving.exposure import expose
from serving.opinions import Opinions
from tests.serving.hand_made import CITIZEN, TODAY, catalogue, citizen_entries

CATALOGUE = catalogue()
BUDGET = default_terms().exploration
FREE = next(e.item for e in citizen_entries() if e.standing is Standing.CAN_DO and not is_duty(e, CATALOGUE))
ROOM = {"ready": 3, "can_do": 2}


def page_of(subject: str = "c-1", ready: int = 6, missing: int = 4) -> Homepage:
    one = next(e for e in citizen_entries() if e.item == FREE)
    more = [
        replace(one, scope_item=f"s-{n}", ready=n < ready, missing=() if n < ready else ("m-id-card",))
        for n in range(ready + missing)
    ]
    duties = [e for e in citizen_entries() if e.standing is Standing.SHOULD_DO]
    return arrange(Page(subject, CITIZEN, TODAY), [*duties, *more], (), CATALOGUE)


def key(entry: Entry) -> tuple[str, str]:
    return entry.item, entry.scope_item


NEW = Opinions({}, {}, {}, counted=True)
OLD = Opinions({FREE: Exposure(10_000, 5)}, {}, {}, counted=True)


def test_without_a_budget_or_anything_new_the_page_is_as_it_was() -> None:
    page = page_of()
    for opinions, budget in ((NEW, None), (OLD, BUDGET), (Opinions(), BUDGET)):
        exposed = expose(page, ROOM, CATALOGUE, opinions, budget)
        assert exposed.page == page
        assert {chance for _, chance in exposed.shown} == {1.0}


@given(st.text(min_size=1, max_size=8))
def test_duties_come_first_and_always(subject: str) -> None:
    page = page_of(subject)
    exposed = expose(page, ROOM, CATALOGUE, NEW, BUDGET)
    assert exposed.page.should_do == page.should_do
    first = exposed.shown[: len(page.should_do)]
    assert [key(e) for e, _ in first] == [key(e) for e in page.should_do]
    assert all(chance == 1.0 for _, chance in first)
    assert sorted(map(key, exposed.page.can_do)) == sorted(map(key, page.can_do))
    assert len(exposed.shown) == len(page.should_do) + ROOM["ready"] + ROOM["can_do"]
    assert expose(page, ROOM, CATALOGUE, NEW, BUDGET) == exposed


def test_over_many_subjects_the_logged_chances_are_the_shares() -> None:
    subjects = 4000
    told: dict[tuple[int, tuple[str, str]], float] = {}
    seen: Counter[tuple[int, tuple[str, str]]] = Counter()
    template = page_of()
    for n in range(subjects):
        exposed = expose(replace(template, subject=f"c-{n}"), ROOM, CATALOGUE, NEW, BUDGET)
        for place, (entry, chance) in enumerate(exposed.shown):
            told[place, key(entry)] = chance
            seen[place, key(entry)] += 1
    assert any(chance < 1.0 for chance in told.values())
    for where, chance in told.items():
        error = (chance * (1 - chance) / subjects) ** 0.5
        assert seen[where] / subjects == pytest.approx(chance, abs=4 * error + 1e-9)


def test_what_was_set_aside_is_neither_shown_nor_logged() -> None:
    page = page_of()
    day = TODAY + dt.timedelta(days=30)
    spared = replace(page, can_do=tuple(replace(e, set_aside=day) for e in page.can_do))
    exposed = expose(spared, ROOM, CATALOGUE, NEW, BUDGET)
    assert len(exposed.shown) == len(page.should_do)


def test_impressions_number_the_places_of_one_slate() -> None:
    at = dt.datetime(2026, 11, 21, 2, tzinfo=dt.UTC)
    exposed = expose(page_of(), ROOM, CATALOGUE, NEW, BUDGET)
    kept = exposed.impressions(at)
    assert [one.position for one in kept] == list(range(1, len(exposed.shown) + 1))
    assert len({one.slate for one in kept}) == 1
    assert len({one.client_id for one in kept}) == len(kept)
    assert exposed.impressions(at)[0].slate != kept[0].slate
    assert [one.propensity for one in kept] == [chance for _, chance in exposed.shown]
