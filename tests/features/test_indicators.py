"""Attributes as indicators."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.attribute import Attribute
from catalog.vocabulary import Names, Origin, Scope, Sensitivity, SubjectKind, ValueType
from features.indicators import Indicators, fit_indicators
from features.schema import ABSENT, Value

ON = dt.date(2026, 3, 1)


def attribute(name: str, type_: ValueType, allowed: tuple[str, ...] = ()) -> Attribute:
    return Attribute(
        name=name,
        names=Names(zh=name, en=name),
        subject=SubjectKind.CITIZEN,
        scope=Scope.SELF,
        type=type_,
        authority="公安",
        register="public-security",
        origin=Origin.AUTHORITY,
        sensitivity=Sensitivity.ORDINARY,
        allowed=allowed,
    )


ATTRIBUTES = (
    attribute("married", ValueType.BOOLEAN),
    attribute("hukou", ValueType.ENUM, ("beijing", "other")),
    attribute("income", ValueType.NUMBER),
    attribute("expires", ValueType.DATE),
)
SCHEMA = {
    "married": pl.Boolean,
    "hukou": pl.String,
    "income": pl.Float64,
    "expires": pl.Date,
    "has_expires": pl.Boolean,
}
rows = st.lists(
    st.fixed_dictionaries(
        {
            "married": st.one_of(st.none(), st.booleans()),
            "hukou": st.one_of(st.none(), st.sampled_from(["beijing", "other"])),
            "income": st.one_of(st.none(), st.floats(0, 1e5)),
            "expires": st.one_of(st.none(), st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1))),
            "has_expires": st.one_of(st.none(), st.booleans()),
        }
    ),
    min_size=1,
    max_size=30,
)


@settings(max_examples=200, deadline=None)
@given(rows, rows)
def test_one_subject_is_coded_as_a_table_is(
    seen: list[dict[str, Value | None]], asked: list[dict[str, Value | None]]
) -> None:
    coding = fit_indicators(pl.DataFrame(seen, schema=SCHEMA), ATTRIBUTES, ON, least=2, buckets=3)
    table = coding.encode(pl.DataFrame(asked, schema=SCHEMA), ON).toarray()
    for row, facts in zip(table, asked, strict=True):
        known: dict[str, Value] = {name: value for name, value in facts.items() if value is not None}
        if known.get("has_expires") is False:
            known["expires"] = ABSENT
        assert np.flatnonzero(row).tolist() == coding.encode_one(known, ON).tolist()
    assert table.shape[1] == len(coding.names)


def test_unknown_has_no_indicator() -> None:
    frame = pl.DataFrame({"hukou": ["beijing"] * 30 + ["other"] * 30 + [None]})
    coding = fit_indicators(frame, ATTRIBUTES, ON)
    assert coding.names == ("hukou=beijing", "hukou=other")
    assert coding.encode(frame, ON).toarray()[-1].sum() == 0
    assert len(coding.encode_one({}, ON)) == 0


def test_rare_values_get_no_indicator() -> None:
    frame = pl.DataFrame({"hukou": ["beijing"] * 30 + ["other"] * 30 + ["once"]})
    assert not any("once" in name for name in fit_indicators(frame, ATTRIBUTES, ON).names)


def test_known_to_be_none_is_not_unknown() -> None:
    frame = pl.DataFrame(
        {
            "expires": [dt.date(2026, 1, 1) + dt.timedelta(days=i) for i in range(60)] + [None] * 30,
            "has_expires": [True] * 60 + [False] * 30,
        }
    )
    coding = fit_indicators(frame, ATTRIBUTES, ON)
    none = coding.names.index("expires=none")
    assert coding.encode(frame, ON).toarray()[60:, none].all()
    assert coding.encode_one({"expires": ABSENT}, ON).tolist() == [none]
    assert coding.encode_one({"has_expires": False}, ON).tolist() == [none]


def test_it_survives_being_stored() -> None:
    frame = pl.DataFrame({"income": [float(i) for i in range(100)]})
    coding = fit_indicators(frame, ATTRIBUTES, ON)
    assert Indicators.load(coding.dump()) == coding
