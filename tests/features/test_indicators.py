"""Named traits as indicators."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.indicators import Indicators, fit_indicators

values = st.one_of(st.none(), st.sampled_from(["a", "b", "none", "<18"]))
rows = st.lists(st.fixed_dictionaries({"sex": values, "age": values}), min_size=1, max_size=30)
SCHEMA = {"sex": pl.String, "age": pl.String, "subject": pl.Int64}


@settings(max_examples=200, deadline=None)
@given(rows, rows)
def test_one_subject_is_coded_as_a_table_is(
    seen: list[dict[str, str | None]], asked: list[dict[str, str | None]]
) -> None:
    learned = pl.DataFrame([{**row, "subject": i} for i, row in enumerate(seen)], schema=SCHEMA)
    coding = fit_indicators(learned, ["sex", "age"], least=2)
    table = coding.encode(pl.DataFrame(asked, schema={"sex": pl.String, "age": pl.String})).toarray()
    assert table.shape == (len(asked), len(coding.names))
    for row, traits in zip(table, asked, strict=True):
        assert np.flatnonzero(row).tolist() == coding.encode_one(traits).tolist()
        told = {f"{trait}={value}" for trait, value in traits.items() if value is not None}
        assert {coding.names[at] for at in np.flatnonzero(row)} == told & set(coding.names)


def test_unknown_has_no_indicator() -> None:
    traits = pl.DataFrame({"subject": range(61), "hukou": ["beijing"] * 30 + ["other"] * 30 + [None]})
    coding = fit_indicators(traits, ["hukou"])
    assert coding.names == ("hukou=beijing", "hukou=other")
    assert coding.encode(traits).toarray()[-1].sum() == 0
    assert len(coding.encode_one({"hukou": None})) == 0


def test_rare_categories_get_none_and_one_subject_seen_often_is_still_one() -> None:
    traits = pl.DataFrame({"subject": [*range(40), *[99] * 40], "hukou": ["beijing"] * 40 + ["rare"] * 40})
    assert fit_indicators(traits, ["hukou"]).names == ("hukou=beijing",)


def test_traits_the_frame_lacks_are_unknown() -> None:
    assert Indicators(("sex=a",)).encode(pl.DataFrame({"subject": [1, 2]})).toarray().sum() == 0


def test_what_is_no_indicator_is_refused() -> None:
    with pytest.raises(ValueError, match="trait=category"):
        Indicators(("sex",))
