"""What is told day after day tells of nobody who came or went between two days."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from privacy.aggregates import SMALLEST, Counts, release
from privacy.steady import bounds, steadily, steady

DAYS = st.lists(st.tuples(st.integers(0, 80), st.booleans()), min_size=2, max_size=30)


def told(days: list[tuple[int, bool]]) -> list[int | None]:
    figures: list[int | None] = []
    before: dict[str, int | None] = {}
    for count, may in days:
        before = {"figure": steady(count, before, "figure", may=may)}
        figures.append(before["figure"])
    return figures


@given(DAYS)
@example([(19, True), (10, True), (9, True), (10, True)])
@example([(0, True), (9, True), (19, True), (20, True)])
def test_a_figure_that_changed_tells_that_ten_came_or_went_since_it_was_told_first(
    days: list[tuple[int, bool]],
) -> None:
    first = 0
    figures = told(days)
    for day in range(1, len(days)):
        one, other = figures[day - 1], figures[day]
        if one == other:
            continue
        if one is not None and other is not None:
            assert abs(days[day][0] - days[first][0]) >= SMALLEST
        first = day


@given(st.integers(10, 80), st.lists(st.integers(-9, 9), max_size=20))
def test_a_few_who_come_and_go_change_nothing(count: int, changes: list[int]) -> None:
    figures = told([(count, True), *((count + change, True) for change in changes)])
    assert set(figures) == {count - count % SMALLEST}


@given(DAYS)
def test_every_figure_is_in_whole_tens_and_near_the_count(days: list[tuple[int, bool]]) -> None:
    for (count, _), figure in zip(days, told(days), strict=True):
        if figure is not None:
            fewest, most = bounds(figure)
            assert figure % SMALLEST == 0
            assert fewest <= count <= most


@given(st.lists(st.integers(0, 9), min_size=1, max_size=5), st.lists(st.integers(10, 19), max_size=5))
def test_what_was_too_few_is_not_begun_with_by_one_more(few: list[int], more: list[int]) -> None:
    figures = told([(count, False) for count in few] + [(count, True) for count in more])
    assert set(figures) == {None}
    assert told([(few[0], False), (20, True)]) == [None, 20]


@pytest.mark.parametrize(("may", "figure"), [(True, 40), (False, None)])
def test_what_may_not_be_told_today_is_told_as_before_or_not_at_all(*, may: bool, figure: int | None) -> None:
    assert steady(45, {"figure": 40}, "figure", may=may) == 40
    assert steady(45, {"figure": 70}, "figure", may=may) == figure


def test_groups_of_a_release_are_told_together() -> None:
    counts = Counts(
        ("outcome",), {("outcome", "done"): 34, ("outcome", "missed"): 27, ("outcome", "late"): 3}
    )
    released = release(counts)
    done, all_ = [("outcome", "done")], [("outcome", name) for name in ("done", "missed", "late")]
    assert steadily(released, all_, {}, "all") == 60
    assert steadily(released, done, {}, "done") == 30
    assert steadily(released, [("outcome", "late")], {}, "late") is None
    assert steadily(released, done, {"done": 40}, "done") == 40
