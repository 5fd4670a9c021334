"""The order and the fence of a homepage, on standings made by hand and on random ones."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.homepage import Ordering, Page, arrange
from models.recommendation import Entry, Homepage, Standing, Urgency
from tests.serving.hand_made import CITIZEN, TODAY, catalogue, citizen_entries, entry, newborn_progress

CATALOGUE = catalogue()
PAGE = Page("c-1", CITIZEN, TODAY)
SHOWABLE = sorted(set(CATALOGUE.items) - {"cs-divorce-application", "cs-unverified"})


def everything(page: Homepage) -> list[Entry]:
    """All entries of all sections."""
    return [
        *page.should_do,
        *page.can_do,
        *page.upcoming,
        *page.needs_information,
        *page.in_progress,
        *page.done,
    ]


def items(entries: tuple[Entry, ...]) -> list[str]:
    return [e.item for e in entries]


def test_duties_come_first_and_the_most_pressing_before_the_rest() -> None:
    page = arrange(PAGE, citizen_entries(), (), CATALOGUE)
    assert items(page.should_do) == [
        "cs-vaccination-card",
        "cs-birth-registration",
        "cs-id-card-renewal",
        "cs-fund-withdrawal-rent",
    ]


def test_what_is_ready_stands_before_what_wants_papers() -> None:
    page = arrange(PAGE, citizen_entries(), (), CATALOGUE)
    assert [e.ready for e in page.can_do] == [True, True, True, False]


def test_neither_ineligible_nor_unconfirmed_nor_search_only_items_are_shown() -> None:
    page = arrange(PAGE, citizen_entries(), (), CATALOGUE)
    shown = {e.item for e in everything(page)} | {e.item for t in page.themes for e in t.entries}
    assert shown.isdisjoint({"cs-vehicle-inspection", "cs-unverified", "cs-divorce-application"})


def test_no_theme_is_empty_and_themes_keep_the_catalogue_s_order() -> None:
    page = arrange(PAGE, citizen_entries(), (), CATALOGUE)
    order = [theme.theme for theme in page.themes]
    assert all(theme.entries for theme in page.themes)
    assert order == [id for id in CATALOGUE.themes if id in order]
    assert "relief" not in order, "an undetermined item is no promise, so it opens no theme"


def test_a_delicate_event_is_shown_when_announced_but_never_when_guessed() -> None:
    events = {
        id: type(event)(**{f: getattr(event, f) for f in event.__struct_fields__} | {"delicacy": "sensitive"})
        for id, event in CATALOGUE.events.items()
    }
    delicate = type(CATALOGUE)(
        **{f: getattr(CATALOGUE, f) for f in CATALOGUE.__struct_fields__} | {"events": events}
    )
    announced = newborn_progress()
    guessed = replace(announced, probability=0.9)
    assert arrange(PAGE, (), (announced,), delicate).events == (announced,)
    assert arrange(PAGE, (), (guessed,), delicate).events == ()
    assert arrange(PAGE, (), (guessed,), CATALOGUE).events == (guessed,)


def test_an_item_the_catalogue_lacks_is_an_error_not_a_gap() -> None:
    with pytest.raises(KeyError, match="cs-nowhere"):
        arrange(PAGE, (entry("cs-nowhere", Standing.CAN_DO),), (), CATALOGUE)


entries = st.builds(
    Entry,
    item=st.sampled_from(sorted(CATALOGUE.items)),
    scope_item=st.sampled_from(["c-1", "c-1:child-1"]),
    label=st.none(),
    standing=st.sampled_from(Standing),
    ready=st.booleans(),
    cycle=st.sampled_from(["once", "2026"]),
    urgency=st.none(),
    due_on=st.none() | st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 31)),
)
standings = st.lists(
    entries.map(
        lambda e: (
            replace(e, urgency=Urgency.OBLIGATION if e.due_on else Urgency.PROMPTLY)
            if e.standing is Standing.SHOULD_DO
            else e
        )
    ),
    unique_by=lambda e: (e.item, e.scope_item, e.cycle),
    max_size=30,
)
scores = st.dictionaries(
    st.tuples(st.sampled_from(["c-1", "c-1:child-1"]), st.sampled_from(sorted(CATALOGUE.items))),
    st.floats(-5, 5),
)


@given(standings, scores)
def test_scores_add_nothing_hide_nothing_and_move_no_duty(
    given_entries: list[Entry], given_scores: dict[tuple[str, str], float]
) -> None:
    by_rules = arrange(PAGE, given_entries, (), CATALOGUE)
    ranked = arrange(PAGE, given_entries, (), CATALOGUE, Ordering(given_scores, "affinity 3"))
    plain = [replace(e, score=None) for e in everything(ranked)]
    assert sorted(plain, key=repr) == sorted(everything(by_rules), key=repr)
    assert [replace(e, score=None) for e in ranked.should_do] == list(by_rules.should_do)
    assert all(e.item in SHOWABLE and e.standing is not Standing.NOT_ELIGIBLE for e in everything(ranked))
    assert len(everything(by_rules)) == sum(
        e.item in SHOWABLE and e.standing is not Standing.NOT_ELIGIBLE for e in given_entries
    )


@given(standings, scores, st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_the_order_given(
    given_entries: list[Entry], given_scores: dict[tuple[str, str], float], random: object
) -> None:
    shuffled = list(given_entries)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    ordering = Ordering(given_scores, "affinity 3")
    assert arrange(PAGE, given_entries, (), CATALOGUE, ordering) == arrange(
        PAGE, shuffled, (), CATALOGUE, ordering
    )


@given(standings, scores)
def test_a_higher_score_stands_first_among_equals(
    given_entries: list[Entry], given_scores: dict[tuple[str, str], float]
) -> None:
    page = arrange(PAGE, given_entries, (), CATALOGUE, Ordering(given_scores, "affinity 3"))
    for ready in (True, False):
        told = [e.score for e in page.can_do if e.ready is ready]
        known = [s for s in told if s is not None]
        assert known == sorted(known, reverse=True)
        assert told == [*known, *[None] * (len(told) - len(known))]
