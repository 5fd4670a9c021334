"""Packing is lossless, for single statements and for whole frames."""

from __future__ import annotations

import datetime as dt
import math

import msgspec
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.packing import (
    PackingError,
    Statement,
    attributes_of_row,
    observed_at,
    pack,
    pack_rows,
    unpack,
)
from features.schema import ABSENT, Value

times = st.datetimes(timezones=st.just(dt.UTC))
values: st.SearchStrategy[Value] = st.one_of(
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(),
    st.dates(),
    st.just(ABSENT),
)
statements = st.builds(Statement, times, st.dictionaries(st.text(min_size=1), values))


@given(statements)
def test_packing_loses_nothing(statement: Statement) -> None:
    back = unpack(pack(statement))
    assert back == statement
    assert {name: type(value) for name, value in back.attributes.items()} == {
        name: type(value) for name, value in statement.attributes.items()
    }
    assert observed_at(pack(statement)) == statement.observed_at


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_sign_of_zero_survives(number: float) -> None:
    statement = Statement(dt.datetime(2026, 1, 1, tzinfo=dt.UTC), {"ratio": number})
    assert math.copysign(1, unpack(pack(statement)).attributes["ratio"]) == math.copysign(1, number)  # type: ignore[arg-type]


cells = st.fixed_dictionaries(
    {
        "observed_at": times,
        "insured": st.none() | st.booleans(),
        "grade": st.none() | st.floats(allow_nan=False, allow_infinity=False),
        "hukou": st.none() | st.sampled_from(["BJ", "other"]),
        "born": st.none() | st.dates(min_value=dt.date(1900, 1, 1)),
        "has_grade": st.none() | st.booleans(),
        "has_born": st.none() | st.booleans(),
    }
)
SCHEMA = {
    "observed_at": pl.Datetime("us", "UTC"),
    "insured": pl.Boolean,
    "grade": pl.Float64,
    "hukou": pl.String,
    "born": pl.Date,
    "has_grade": pl.Boolean,
    "has_born": pl.Boolean,
}
NAMES = ("born", "grade", "hukou", "insured", "never_told")


@given(st.lists(cells, max_size=20))
def test_a_frame_is_packed_as_its_rows_are(rows: list[dict[str, object]]) -> None:
    frame = pl.DataFrame(rows, schema=SCHEMA)
    for row, payload in zip(rows, pack_rows(frame, NAMES), strict=True):
        assert unpack(payload) == Statement(row["observed_at"], attributes_of_row(row, NAMES))  # type: ignore[arg-type]


def test_presence_says_none_over_a_value_and_says_one_without_a_value() -> None:
    frame = pl.DataFrame(
        [
            {"observed_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "grade": 2.0, "has_grade": False},
            {"observed_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "grade": None, "has_grade": True},
            {"observed_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "grade": 2.0, "has_grade": True},
            {"observed_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "grade": None, "has_grade": None},
        ],
        schema={name: SCHEMA[name] for name in ("observed_at", "grade", "has_grade")},
    )
    told = [unpack(payload).attributes for payload in pack_rows(frame, ("grade",))]
    assert told == [{"grade": ABSENT}, {"has_grade": True}, {"grade": 2.0}, {}]


@pytest.mark.parametrize("value", [math.nan, math.inf, dt.datetime(2026, 1, 1, tzinfo=dt.UTC), None, [1]])
def test_what_no_register_may_state_is_refused_by_name(value: object) -> None:
    with pytest.raises(PackingError, match="grade"):
        pack(Statement(dt.datetime(2026, 1, 1, tzinfo=dt.UTC), {"grade": value}))  # type: ignore[dict-item]


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(PackingError, match="time zone"):
        pack(Statement(dt.datetime(2026, 1, 1), {}))  # noqa: DTZ001


def test_a_number_that_is_none_is_refused_in_bulk() -> None:
    frame = pl.DataFrame({"observed_at": [dt.datetime(2026, 1, 1, tzinfo=dt.UTC)], "grade": [math.nan]})
    with pytest.raises(PackingError, match="grade"):
        pack_rows(frame, ("grade",))


@pytest.mark.parametrize("payload", [b"", b"\x00", msgspec.msgpack.encode([2, 0, {}, {}])])
def test_alien_bytes_are_refused(payload: bytes) -> None:
    with pytest.raises(PackingError, match="materialise"):
        unpack(payload)
    with pytest.raises(PackingError, match="materialise"):
        observed_at(payload)
