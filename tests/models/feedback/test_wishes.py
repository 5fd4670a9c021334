"""What a subject asked to be spared is spared for as long as was said, and nothing is ever lost by it."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from models.feedback.terms import default_terms
from models.feedback.wishes import Said, Wanted, set_aside, wishes_of
from models.recommendation import Entry, Standing

ON = dt.date(2026, 11, 21)
TERMS = default_terms()
DUTIES = {"d"}


def said(wanted: Wanted, on: dt.date, item: str = "a", scope_item: str | None = "c-1", hour: int = 4) -> Said:
    return Said(item, scope_item, wanted, dt.datetime(on.year, on.month, on.day, hour, tzinfo=dt.UTC), on)


def entry(item: str, scope_item: str = "c-1") -> Entry:
    return Entry(item, scope_item, None, Standing.CAN_DO, True, "once")


def is_duty(one: Entry) -> bool:
    return one.item in DUTIES


def test_not_for_me_holds_some_months_and_then_no_longer() -> None:
    wishes = wishes_of([said("not_for_me", ON)], TERMS)
    assert wishes.aside("c-1", "a", ON) == dt.date(2027, 2, 21)
    assert wishes.aside("c-1", "a", dt.date(2027, 2, 20)) == dt.date(2027, 2, 21)
    assert wishes.aside("c-1", "a", dt.date(2027, 2, 21)) is None
    assert wishes.aside("c-2", "a", ON) is None


def test_each_further_refusal_holds_longer() -> None:
    twice = wishes_of([said("not_for_me", dt.date(2026, 5, 1)), said("not_for_me", ON)], TERMS)
    assert twice.aside("c-1", "a", ON) == dt.date(2027, 5, 21)
    thrice = [said("not_for_me", dt.date(2025, n, 1)) for n in (1, 2, 3, 4)]
    assert wishes_of([*thrice, said("not_for_me", ON)], TERMS).aside("c-1", "a", ON) == dt.date(2027, 11, 21)


def test_said_without_a_scope_item_it_holds_for_all() -> None:
    wishes = wishes_of([said("not_for_me", ON, scope_item=None)], TERMS)
    assert wishes.aside("any", "a", ON) is not None


def test_what_is_wanted_again_comes_back_and_counts_anew() -> None:
    taken_back = [said("not_for_me", ON, hour=4), said("again", ON, hour=5)]
    assert wishes_of(taken_back, TERMS).until == {}
    later = [*taken_back, said("not_for_me", ON, hour=6)]
    assert wishes_of(later, TERMS).aside("c-1", "a", ON) == dt.date(2027, 2, 21)
    for_all = [said("not_for_me", ON, scope_item=None), said("again", ON, hour=5)]
    assert wishes_of(for_all, TERMS).aside("c-1", "a", ON) is None


def test_later_means_two_weeks_or_the_day_that_was_named() -> None:
    assert wishes_of([said("later", ON)], TERMS).aside("c-1", "a", ON) == dt.date(2026, 12, 5)
    named = Said("a", "c-1", "later", said("later", ON).at, ON, until=dt.date(2027, 1, 4))
    assert wishes_of([named], TERMS).aside("c-1", "a", ON) == dt.date(2027, 1, 4)


def test_a_month_without_that_day_ends_with_it() -> None:
    wishes = wishes_of([said("not_for_me", dt.date(2026, 11, 30))], TERMS)
    assert wishes.aside("c-1", "a", dt.date(2026, 12, 1)) == dt.date(2027, 3, 1)


items = st.sampled_from(["a", "b", "d"])
scope_items = st.sampled_from(["c-1", "c-2"])
days = st.dates(dt.date(2026, 1, 1), ON)


@given(
    st.lists(st.builds(entry, items, scope_items), max_size=6, unique_by=lambda e: (e.item, e.scope_item)),
    st.lists(
        st.builds(
            said,
            st.sampled_from(["not_for_me", "later", "again"]),
            days,
            items,
            st.none() | scope_items,
            st.integers(0, 23),
        ),
        max_size=8,
    ),
)
def test_setting_aside_loses_nothing_and_touches_no_duty(entries: list[Entry], told: list[Said]) -> None:
    wishes = wishes_of(told, TERMS)
    assert wishes.until == wishes_of(list(reversed(told)), TERMS).until or len({s.at for s in told}) < len(
        told
    )
    after = set_aside(entries, wishes, is_duty, ON)
    assert sorted((e.item, e.scope_item) for e in after) == sorted((e.item, e.scope_item) for e in entries)
    marked = [e.set_aside is not None for e in after]
    assert marked == sorted(marked)
    assert not any(e.set_aside for e in after if is_duty(e))
    kept = [(e.item, e.scope_item) for e in after if e.set_aside is None]
    assert kept == [(e.item, e.scope_item) for e in entries if (e.item, e.scope_item) in kept]
    for before in (e for e in entries if is_duty(e)):
        moved = next(
            n for n, e in enumerate(after) if (e.item, e.scope_item) == (before.item, before.scope_item)
        )
        assert moved <= entries.index(before)
