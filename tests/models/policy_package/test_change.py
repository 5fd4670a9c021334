"""Laws of the difference of two packages: all that came and went is told, no unknown sum is ever added."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.vocabulary import Names
from models.policy_package.change import Held, LossReason, Snapshot, change_between
from models.policy_package.change_words import reason, title

ON = dt.date(2026, 6, 10)


@st.composite
def held(draw: st.DrawFn, item: str) -> Held:
    money = draw(st.booleans())
    return Held(
        item=item,
        scope_item="e-1",
        names=Names(zh=f"政策{item}", en=f"policy {item}"),
        category="finance",
        needs_application=draw(st.booleans()),
        brings_money=money,
        yuan=draw(st.none() | st.sampled_from([100.0, 2_500.0])) if money else None,
        due_on=draw(st.none() | st.integers(0, 60).map(lambda days: ON + dt.timedelta(days=days))),
    )


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    items = draw(st.sets(st.sampled_from("abcdef")))
    return Snapshot(
        on=ON,
        catalogue_version="v",
        held=tuple(draw(held(item)) for item in sorted(items)),
        total=draw(st.none() | st.sampled_from([0.0, 100.0, 4_000.0])),
        unknown=draw(st.integers(0, 3)),
    )


def gone(lost: Held) -> LossReason:
    return "not_eligible"


def taken(lost: Held) -> LossReason:
    return "taken_up"


@given(snapshots())
def test_a_package_does_not_differ_from_itself(a: Snapshot) -> None:
    assert change_between(a, a, gone) is None
    assert change_between(a, replace(a, on=ON + dt.timedelta(days=1)), gone) is None


@settings(max_examples=200)
@given(snapshots(), snapshots())
def test_all_that_came_and_went_is_told(a: Snapshot, b: Snapshot) -> None:
    found = change_between(a, b, gone)
    old, new = {h.key for h in a.held}, {h.key for h in b.held}
    if found is None:
        assert old == new
        return
    assert {h.key for h in found.added} == new - old
    assert {lost.was.key for lost in found.lost} == old - new
    assert {each.now.key for each in found.altered} <= old & new
    assert all(each.was != each.now for each in found.altered)


@settings(max_examples=200)
@given(snapshots(), snapshots())
def test_no_sum_is_told_of_what_is_unknown(a: Snapshot, b: Snapshot) -> None:
    found = change_between(a, b, gone)
    if found is None:
        return
    known = a.total is not None and b.total is not None
    assert (found.yuan_more is not None) == known
    if a.total is not None and b.total is not None:
        assert found.yuan_more == b.total - a.total
    words = reason(found).text
    assert ("合计" in words.zh) == bool(found.yuan_more)
    assert ("total" in words.en) == bool(found.yuan_more)


@settings(max_examples=200)
@given(snapshots(), snapshots())
def test_what_the_firm_took_up_is_no_news(a: Snapshot, b: Snapshot) -> None:
    found = change_between(a, b, taken)
    assert found is None or not found.lost
    fewer = replace(a, held=tuple(h for h in a.held if h.item != "a"))
    assert change_between(a, fewer, taken) is None


@settings(max_examples=200)
@given(snapshots(), snapshots())
def test_the_first_last_day_is_one_to_apply_by(a: Snapshot, b: Snapshot) -> None:
    found = change_between(a, b, gone)
    if found is None:
        return
    open_ = [*found.added, *(each.now for each in found.altered)]
    days = [h.due_on for h in open_ if h.needs_application and h.due_on]
    assert found.apply_by == (min(days) if days else None)
    counted = len(found.added) + len(found.lost) + len(found.altered)
    assert sum(int(n) for n in re.findall(r"\d+", title(found).zh)) == counted


def test_a_last_day_that_moves_back_alone_is_no_news() -> None:
    one = Held(
        item="a", scope_item="e-1", names=Names("甲", "a"), category="c", needs_application=True,
        brings_money=True, yuan=None, due_on=ON,
    )  # fmt: skip
    before = Snapshot(on=ON, catalogue_version="v", held=(one,), total=None, unknown=1)
    later = replace(before, held=(replace(one, due_on=ON + dt.timedelta(days=30)),))
    assert change_between(before, later, gone) is None
    assert change_between(later, before, gone) is not None, "sooner is news"
    unknown = replace(before, held=(replace(one, due_on=None),))
    assert change_between(unknown, before, gone) is not None, "a last day where there was none is news"
