"""The order and the fence of a homepage, on standings made by hand and on random ones."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.vocabulary import Nature
from models.homepage import Page, arrange
from models.ranking.signals import RankSignals
from models.recommendation import Entry, Homepage, Standing, Urgency
from tests.serving.hand_made import CITIZEN, TODAY, catalogue, citizen_entries, entry, newborn_progress

CATALOGUE = catalogue()
THEMES = {item: getattr(one, "theme", "tax-relief") for item, one in CATALOGUE.items.items()}
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


def key(e: Entry) -> tuple[str, str, str]:
    return (e.item, e.scope_item, e.cycle)


def items(entries: tuple[Entry, ...]) -> list[str]:
    return [e.item for e in entries]


def test_duties_come_first_and_the_most_pressing_before_the_rest() -> None:
    page = arrange(PAGE, citizen_entries(), (), CATALOGUE)
    assert items(page.should_do) == [
        "cs-vaccination-card",  # three days late
        "cs-birth-registration",  # due on 3 December
        "cs-fund-withdrawal-rent",  # lapses on 10 December
        "cs-id-card-renewal",  # promptly
    ]


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
signals = st.dictionaries(st.sampled_from(sorted(CATALOGUE.items)), st.floats(-5, 5)).map(
    lambda affinity: RankSignals(model="affinity 3", affinity=affinity, themes=THEMES)
)


@given(standings, signals)
def test_signals_add_nothing_hide_nothing_and_move_no_duty(
    given_entries: list[Entry], given_signals: RankSignals
) -> None:
    by_rules = arrange(PAGE, given_entries, (), CATALOGUE)
    ranked = arrange(PAGE, given_entries, (), CATALOGUE, given_signals)
    assert sorted(map(key, everything(ranked))) == sorted(map(key, everything(by_rules)))
    assert ranked.should_do == by_rules.should_do
    assert all(e.item in SHOWABLE and e.standing is not Standing.NOT_ELIGIBLE for e in everything(ranked))
    assert len(everything(by_rules)) == sum(
        e.item in SHOWABLE and e.standing is not Standing.NOT_ELIGIBLE for e in given_entries
    )


@given(standings, signals)
def test_an_undetermined_duty_stands_before_an_undetermined_right(
    given_entries: list[Entry], given_signals: RankSignals
) -> None:
    page = arrange(PAGE, given_entries, (), CATALOGUE, given_signals)
    duties = [
        e.item in CATALOGUE.public_services and CATALOGUE.public_services[e.item].nature is Nature.OBLIGATION
        for e in page.needs_information
    ]
    assert duties == sorted(duties, reverse=True)


@given(standings, signals, st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_the_order_given(
    given_entries: list[Entry], given_signals: RankSignals, random: Random
) -> None:
    shuffled = list(given_entries)
    random.shuffle(shuffled)
    arranged = arrange(PAGE, given_entries, (), CATALOGUE, given_signals)
    assert arranged == arrange(PAGE, shuffled, (), CATALOGUE, given_signals)


@given(standings, signals)
def test_themes_hold_what_can_be_acted_on_each_once(
    given_entries: list[Entry], given_signals: RankSignals
) -> None:
    page = arrange(PAGE, given_entries, (), CATALOGUE, given_signals)
    themed = [key(e) for theme in page.themes for e in theme.entries]
    acted_on = [*page.should_do, *page.can_do, *page.upcoming, *page.in_progress]
    assert sorted(themed) == sorted(map(key, acted_on))
