"""Derived attributes: one subject, a whole table and the inverse in time all tell the same."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.catalogue import Catalogue
from catalog.derivation import TODAY, Term, parse_derivation, reads
from catalog.derivation_columns import column, presence_column
from catalog.derivation_dates import first_day_at_least, first_day_when, grows_with_time
from catalog.derivation_types import type_of
from catalog.derivation_values import Known, compares, evaluate, presence
from catalog.faults import WordingError

SCHEMA = {
    "birth_date": pl.Date,
    "graduation_date": pl.Date,
    "sex": pl.String,
    "retirement_track": pl.String,
}
RETIREMENT = (
    "when(sex = 'male', add_months(birth_date, 720 + stepped_months(birth_date, '1965-01-01', 4, 36)),"
    " when(retirement_track = 'cadre',"
    " add_months(birth_date, 660 + stepped_months(birth_date, '1970-01-01', 4, 36)),"
    " add_months(birth_date, 600 + stepped_months(birth_date, '1975-01-01', 2, 60))))"
)
WRITTEN = [
    "years_between(birth_date, on)",
    "months_between(graduation_date, on)",
    "add_years(birth_date, 16)",
    "year_of(on) - year_of(birth_date) = 18",
    "year_of(graduation_date) < year_of(on)",
    "years_between(birth_date, august_31(on)) >= 6",
    "2 * years_between(birth_date, on) + 1 != 7",
    "graduation_date > birth_date",
    RETIREMENT,
]
leap_days = st.integers(1940 // 4, 2024 // 4).map(lambda quarter: dt.date(4 * quarter, 2, 29))
dates = st.one_of(st.dates(dt.date(1930, 1, 1), dt.date(2060, 12, 31)), leap_days)
rows = st.fixed_dictionaries(
    {
        "birth_date": st.none() | dates,
        "graduation_date": st.none() | dates,
        "sex": st.sampled_from((None, "male", "female")),
        "retirement_track": st.sampled_from((None, "cadre", "worker")),
    }
)


@pytest.mark.parametrize("text", WRITTEN)
@given(population=st.lists(rows, min_size=1, max_size=20), on=dates)
@settings(max_examples=25)
def test_a_table_tells_what_each_subject_is_told(
    text: str, population: list[dict[str, Known | None]], on: dt.date
) -> None:
    term = parse_derivation(text)
    told = pl.DataFrame(population, schema=SCHEMA).select(derived=column(term, on))["derived"].to_list()
    assert told == [evaluate(term, row, on) for row in population]


def test_every_derivation_of_the_register_tells_the_same_both_ways(real: Catalogue) -> None:
    on = dt.date(2026, 2, 28)
    for attribute in real.attributes.values():
        if attribute.derived is None:
            continue
        term = parse_derivation(attribute.derived)
        row: dict[str, Known | None] = {name: dt.date(1992, 2, 29) for name in reads(term)}
        row |= {
            name: real.attributes[name].allowed[0] for name in reads(term) if real.attributes[name].allowed
        }
        table = pl.DataFrame([row]).select(derived=column(term, on))["derived"][0]
        assert table == evaluate(term, row, on) is not None, attribute.name


@pytest.mark.parametrize(
    ("born", "sex", "track", "retires"),
    [
        # From the tables annexed to 国务院关于渐进式延迟法定退休年龄的办法 (2024).
        ("1964-12-15", "male", None, "2024-12-15"),
        ("1965-01-15", "male", None, "2025-02-15"),
        ("1965-05-15", "male", None, "2025-07-15"),
        ("1976-09-15", "male", None, "2039-09-15"),
        ("1980-01-15", "male", None, "2043-01-15"),
        ("1970-01-15", "female", "cadre", "2025-02-15"),
        ("1981-09-15", "female", "cadre", "2039-09-15"),
        ("1975-01-15", "female", "worker", "2025-02-15"),
        ("1975-03-15", "female", "worker", "2025-05-15"),
        ("1984-11-15", "female", "worker", "2039-11-15"),
        ("1990-01-15", "female", "worker", "2045-01-15"),
    ],
)
def test_the_statutory_retirement_date_is_that_of_the_tables(
    born: str, sex: str, track: str | None, retires: str, real: Catalogue
) -> None:
    derived = real.attributes["statutory_retirement_date"].derived
    assert derived is not None
    values: dict[str, Known | None] = {
        "birth_date": dt.date.fromisoformat(born),
        "sex": sex,
        "retirement_track": track,
    }
    told = evaluate(parse_derivation(derived), values, dt.date(2026, 1, 1))
    assert told == dt.date.fromisoformat(retires)


def test_a_woman_whose_post_is_unknown_has_no_known_retirement_date() -> None:
    values: dict[str, Known | None] = {"birth_date": dt.date(1978, 5, 1), "sex": "female"}
    assert evaluate(parse_derivation(RETIREMENT), values, dt.date(2026, 1, 1)) is None


@given(born=dates, years=st.integers(0, 90), after=dates)
def test_the_day_an_age_is_reached_is_the_first_on_which_it_holds(
    born: dt.date, years: int, after: dt.date
) -> None:
    term, values = parse_derivation("years_between(birth_date, on)"), {"birth_date": born}
    until = after + dt.timedelta(days=400)
    day = first_day_when(term, ">=", float(years), values, after, until)
    span = (after + dt.timedelta(days=n) for n in range(1, 401))
    assert day == next((each for each in span if compares(">=", evaluate(term, values, each), years)), None)


def test_what_passes_with_the_calendar_year_is_found_by_its_day() -> None:
    term = parse_derivation("year_of(on) - year_of(birth_date) = 18")
    values = {"birth_date": dt.date(2009, 7, 1)}
    found = first_day_when(term, "=", True, values, dt.date(2026, 3, 1), dt.date(2028, 1, 1))
    assert found == dt.date(2027, 1, 1)


def test_time_alone_settles_nothing_that_is_unknown_or_stands_still() -> None:
    after, until = dt.date(2026, 1, 1), dt.date(2027, 1, 1)
    age, sixteenth = (
        parse_derivation("years_between(birth_date, on)"),
        parse_derivation("add_years(birth_date, 16)"),
    )
    assert first_day_when(age, ">=", 60.0, {}, after, until) is None
    assert first_day_at_least(age, 60, {}) is None
    values = {"birth_date": dt.date(2000, 1, 1)}
    assert first_day_when(sixteenth, ">", dt.date(2030, 1, 1), values, after, until) is None
    assert first_day_when(age, "<", 20.0, values, after, until) is None
    with pytest.raises(ValueError, match="does not grow"):
        first_day_at_least(sixteenth, 1, values)


def test_only_counts_up_to_today_grow_with_time() -> None:
    assert grows_with_time(parse_derivation("years_between(birth_date, on)"))
    assert not grows_with_time(parse_derivation("years_between(on, birth_date)"))
    assert not grows_with_time(parse_derivation("years_between(august_31(on), on)"))


def test_what_is_derived_from_what_does_not_exist_does_not_exist() -> None:
    term = parse_derivation("graduation_date > birth_date")
    told = [{"birth_date": True, "graduation_date": each} for each in (False, None, True)]
    assert [presence(term, row) for row in told] == [False, None, True]
    table = pl.DataFrame({"has_graduation_date": [False, None, True]})
    asked = table.select(presence_column(term, frozenset({"graduation_date"})))
    assert asked.to_series().to_list() == [False, None, True]


REFUSED = """
years_between(birth_date
today()
birth_date.year
lambda: 1
[1]
True
1.5
a if b else c
1 < 2 < 3
not a
a and b
years_between(a, *b)
__import__('os')
2 ** 9
when(a, b)
"""


@pytest.mark.parametrize("text", REFUSED.strip().splitlines())
def test_anything_else_is_no_derivation(text: str) -> None:
    with pytest.raises(WordingError) as raised:
        parse_derivation(text)
    assert raised.value.remedy


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("years_between(birth_date)", "is given 1 values"),
        ("years_between(birth_date, sex)", "is given a enum where it needs a date"),
        ("birth_date + 1", "is given a date"),
        ("when(age, 1, 2)", "is given a number"),
        ("when(sex = 'male', 1, birth_date)", "is given a date"),
        ("sex = 'man'", "no value `man`"),
        ("sex < 'male'", "in order"),
        ("birth_date > '2025-02-30'", "impossible date"),
        ("years_between(moon, on)", "which is no attribute"),
    ],
)
def test_nonsense_is_found_when_it_is_read(text: str, says: str, real: Catalogue) -> None:
    with pytest.raises(WordingError, match=says):
        type_of(parse_derivation(text), real.attributes)


def test_the_assessment_day_is_no_attribute() -> None:
    term: Term = parse_derivation("years_between(birth_date, on)")
    assert list(reads(term)) == ["birth_date"]
    assert TODAY == "on"
