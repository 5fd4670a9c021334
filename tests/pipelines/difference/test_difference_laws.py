"""Laws of the difference of two files, on files as odd as hypothesis can make them."""

from __future__ import annotations

import datetime as dt

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.vocabulary import Proactive
from models.recommendation import Standing
from models.standing.standings_table import COLUMNS
from pipelines.difference.changes import HAD, changes, whole
from pipelines.difference.worth_telling import GAINED, KEY, URGENCY_OF, worth_telling
from tests.scored_city import real_catalogue

CATALOGUE = real_catalogue()
DUE = ("cs-birth-registration", "cs-vehicle-inspection", "es-annual-report")
GAINS = ("cs-advanced-age-allowance", "cs-retirement")
NEVER_TOLD = next(id_ for id_, item in CATALOGUE.items.items() if item.proactive is not Proactive.PUSH)
ITEMS = (*DUE, *GAINS, NEVER_TOLD)
DAY = dt.date(2026, 6, 10)


@st.composite
def files(draw: st.DrawFn) -> pl.DataFrame:
    """A standings file of a few subjects, one row a turn."""
    turns = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["c-1", "c-2", "c-3"]),
                st.sampled_from(ITEMS),
                st.sampled_from(["once", "2026"]),
                st.sampled_from(list(Standing)[:6]),
                st.sampled_from(sorted(URGENCY_OF)),
                st.integers(-40, 40),
                st.booleans(),
            ),
            unique_by=lambda turn: turn[:3],
            max_size=12,
        )
    )
    rows = []
    for rank, (subject, item, cycle, standing, code, days, ready) in enumerate(sorted(turns), start=1):
        reason = code if standing is Standing.SHOULD_DO else "eligible"
        due = DAY + dt.timedelta(days=days) if standing is Standing.SHOULD_DO else None
        missing = [] if ready else ["m-id-card"]
        row = (subject, subject, item, cycle, standing.value, ready, None, due)
        rows.append((*row, rank, reason, missing, CATALOGUE.version, DAY))
    return pl.DataFrame(rows, schema=dict(COLUMNS), orient="row")


def keys(frame: pl.DataFrame) -> set[tuple[str, ...]]:
    return set(frame.select(KEY).iter_rows())


def due(frame: pl.DataFrame) -> set[tuple[str, ...]]:
    told = worth_telling(frame, CATALOGUE)
    return keys(told.filter(pl.col("urgency") != GAINED))


def test_the_items_of_these_laws_are_told_as_they_should() -> None:
    listed = CATALOGUE.items
    assert all(item in listed for item in ITEMS)
    rows = pl.DataFrame(
        [
            ("c-1", "c-1", item, "once", standing, True, None, None, 1, code, [], "v", DAY)
            for item in ITEMS
            for standing, code in (("should_do", "obligation_due"), ("can_do", "eligible"))
        ],
        schema=dict(COLUMNS),
        orient="row",
    )
    told = worth_telling(rows, CATALOGUE)
    assert set(told.filter(pl.col("urgency") != GAINED)["item"]) >= set(DUE)
    assert set(told.filter(pl.col("urgency") == GAINED)["item"]) == set(GAINS)
    assert NEVER_TOLD not in told["item"]


@settings(max_examples=80, deadline=None)
@given(files())
def test_nothing_differs_from_itself(a: pl.DataFrame) -> None:
    found = changes(a, a, CATALOGUE)
    assert found.tell.is_empty()
    assert found.untell.is_empty()
    assert found.subjects.is_empty()


@settings(max_examples=120, deadline=None)
@given(files(), files(), files())
def test_two_steps_tell_what_one_does_of_what_still_stands(
    a: pl.DataFrame, b: pl.DataFrame, c: pl.DataFrame
) -> None:
    first, second, at_once = changes(a, b, CATALOGUE), changes(b, c, CATALOGUE), changes(a, c, CATALOGUE)
    standing = due(c)
    stepwise = (keys(first.tell) | keys(second.tell)) & standing
    assert stepwise - due(a) == (keys(at_once.tell) & standing) - due(a)
    # What is open in an inbox that followed every step is what is due, and so it is after one step.
    open_ = due(a)
    for step in (first, second):
        open_ = (open_ | keys(step.tell)) - keys(step.untell)
    jumped = (due(a) | keys(at_once.tell)) - keys(at_once.untell)
    assert {key for key in open_ if key[4] != GAINED} == standing
    assert {key for key in jumped if key[4] != GAINED} == standing


@settings(max_examples=120, deadline=None)
@given(files(), files())
def test_what_enters_is_told_what_leaves_is_taken_back_nothing_is_both(
    a: pl.DataFrame, b: pl.DataFrame
) -> None:
    found = changes(a, b, CATALOGUE)
    assert due(b) - due(a) <= keys(found.tell)
    assert due(a) - due(b) <= keys(found.untell)
    assert not keys(found.tell) & keys(found.untell)
    assert keys(found.tell) <= keys(worth_telling(b, CATALOGUE)), "only what stands is told"
    done = set(b.filter(pl.col("standing") == "done").select(KEY[:4]).iter_rows())
    for row in found.untell.iter_rows(named=True):
        assert (row["because"] == "done") == (tuple(row[name] for name in KEY[:4]) in done)


@settings(max_examples=120, deadline=None)
@given(files(), files())
def test_gained_is_told_only_of_what_is_new_to_somebody_known(a: pl.DataFrame, b: pl.DataFrame) -> None:
    found = changes(a, b, CATALOGUE)
    had = a.filter(pl.col("standing").is_in([each.value for each in HAD]))
    before = set(had.select("subject", "scope_item", "item").iter_rows())
    for row in found.tell.filter(pl.col("urgency") == GAINED).iter_rows(named=True):
        assert row["subject"] in set(a["subject"]), "of a newcomer nothing is news"
        assert (row["subject"], row["scope_item"], row["item"]) not in before
        assert row["standing"] == "can_do"


@settings(max_examples=60, deadline=None)
@given(files())
def test_where_nothing_is_known_of_before_all_that_is_due_is_told(a: pl.DataFrame) -> None:
    found = whole(a, CATALOGUE)
    assert keys(found.tell) == due(a)
    assert found.untell.is_empty()


@settings(max_examples=60, deadline=None)
@given(files(), st.integers(1, 9))
def test_a_date_that_moved_is_told_again_under_the_same_key(a: pl.DataFrame, days: int) -> None:
    moved = a.with_columns(pl.col("due_on").dt.offset_by(f"{days}d"))
    found = changes(a, moved, CATALOGUE)
    dated = worth_telling(a, CATALOGUE).filter(pl.col("urgency") != GAINED, pl.col("due_on").is_not_null())
    assert keys(found.tell) == keys(dated)
    assert found.untell.is_empty()
