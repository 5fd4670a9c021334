"""Who is known to be under 18, by the latest word on birth dates and the day."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import Engine, insert, select

from records.database import reading, writing
from records.minors import ADULT, _comes_of_age, minors_among, note_births
from records.tables import minor, subject
from serving.identity.ages import younger_than

TODAY = dt.date(2026, 11, 21)
DAY = dt.timedelta(days=1)


@pytest.fixture
def people(engine: Engine) -> Engine:
    with writing(engine) as connection:
        for one in ("c1", "c2", "c3"):
            connection.execute(insert(subject).values(id=one, kind="citizen"))
    return engine


def births(**born: dt.date | None) -> pl.DataFrame:
    schema = {"subject": pl.String, "born": pl.Date}
    return pl.DataFrame(list(born.items()), schema=schema, orient="row")


def known(engine: Engine, on: dt.date = TODAY) -> set[str]:
    with reading(engine) as connection:
        return set(minors_among(connection, ["c1", "c2", "c3"], on))


def note(engine: Engine, on: dt.date = TODAY, **born: dt.date | None) -> None:
    with writing(engine) as connection:
        note_births(connection, births(**born), on)


def test_until_the_day_they_turn_eighteen(people: Engine) -> None:
    note(people, c1=dt.date(2008, 11, 22), c2=dt.date(2008, 11, 21), c3=dt.date(1990, 1, 1))
    assert known(people) == {"c1"}
    assert known(people, TODAY + DAY) == set()


def test_the_latest_word_counts_and_an_empty_cell_is_unknown(people: Engine) -> None:
    note(people, c1=dt.date(2012, 1, 1), c2=dt.date(2012, 1, 1), c3=dt.date(2012, 1, 1))
    note(people, c1=dt.date(1992, 1, 1), c2=None, c3=dt.date(2013, 1, 1))
    assert known(people) == {"c3"}
    with reading(people) as connection:
        assert connection.execute(select(minor.c.until)).scalars().all() == [dt.date(2031, 1, 1)]


def test_what_cannot_be_and_who_is_nobody_are_not_kept(people: Engine) -> None:
    note(people, c1=TODAY + DAY, stranger=dt.date(2015, 5, 5))
    assert known(people) == set()


def test_nothing_is_kept_of_who_has_come_of_age(people: Engine) -> None:
    note(people, c1=dt.date(2008, 11, 22))
    note(people, TODAY + DAY, c2=dt.date(2015, 1, 1))
    with reading(people) as connection:
        assert connection.execute(select(minor.c.subject)).scalars().all() == ["c2"]


@given(
    born=st.dates(dt.date(1900, 1, 1), dt.date(2050, 1, 1)),
    days=st.integers(min_value=-400, max_value=400),
)
@example(born=dt.date(2008, 2, 29), days=-1)
@example(born=dt.date(2008, 2, 29), days=0)
def test_it_is_the_same_age_that_decides_who_acts_for_themselves(born: dt.date, days: int) -> None:
    [until] = births(c1=born).select(_comes_of_age(pl.col("born"))).to_series()
    on = until + dt.timedelta(days=days)
    assert younger_than(ADULT, born, on) == (on < until)
