"""The rate of success is what it says, and no count of a few, nor any difference, is told."""

from __future__ import annotations

import datetime as dt
from itertools import combinations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.invite.report import OUTCOMES, rates
from privacy.aggregates import SMALLEST

ON = dt.date(2026, 11, 21)
NAMES = ("kind", "theme", "month", "outcome")
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["citizen", "enterprise"]),
        st.sampled_from(["education", "tax"]),
        st.sampled_from(["2026-10", "2026-11"]),
        st.sampled_from(OUTCOMES),
        st.integers(0, 30),
    ),
    max_size=25,
)


def frame(counted: list[tuple[str, str, str, str, int]]) -> pl.DataFrame:
    rows = [row[:4] for row in counted for _ in range(row[4])]
    return pl.DataFrame(rows, schema=dict.fromkeys(NAMES, pl.String), orient="row")


def test_the_rate_is_those_done_by_their_day_over_those_delivered() -> None:
    told = rates(
        frame(
            [
                ("citizen", "education", "2026-10", "in_time", 60),
                ("citizen", "education", "2026-10", "late", 20),
                ("citizen", "education", "2026-10", "missed", 20),
                ("citizen", "education", "2026-10", "open", 100),
            ]
        ),
        ON,
    )
    assert told["all"]["delivered"] == 200
    assert told["all"]["success_rate"] == 0.3
    assert told["all"]["settled_rate"] == 0.6
    assert told["by"]["theme"] == [{"group": "education", **told["all"]}]


def test_a_few_are_told_neither_outright_nor_as_the_rest() -> None:
    told = rates(
        frame(
            [
                ("citizen", "education", "2026-10", "in_time", 100),
                ("citizen", "education", "2026-10", "missed", 3),
            ]
        ),
        ON,
    )
    assert told["all"]["delivered"] == 100, "in whole tens"
    assert told["all"]["missed"] is None
    assert told["all"]["in_time"] is None
    assert told["all"]["success_rate"] is None


def test_a_few_who_come_or_change_between_two_reports_change_nothing() -> None:
    """What is told of a group, and what can be worked out of it, moves by tens, when ten and more moved."""
    first = [("citizen", "tax", "2026-10", "in_time", 57), ("citizen", "tax", "2026-10", "missed", 61)]
    before = rates(frame(first), ON)
    assert (before["all"]["delivered"], before["all"]["in_time"], before["all"]["missed"]) == (110, 50, 60)
    assert before["all"]["success_rate"] == pytest.approx(50 / 110)
    few = [*first, ("citizen", "tax", "2026-10", "in_time", 3), ("citizen", "tax", "2026-10", "missed", 8)]
    assert rates(frame(few), ON, before) == before
    more = [*few, ("citizen", "tax", "2026-10", "in_time", 10)]
    after = rates(frame(more), ON, before)
    assert (after["all"]["delivered"], after["all"]["in_time"], after["all"]["missed"]) == (130, 70, 60)
    assert after["by"]["theme"] == [{"group": "tax", **after["all"]}]


@given(ROWS)
def test_no_two_counts_that_are_told_differ_by_a_few(
    counted: list[tuple[str, str, str, str, int]],
) -> None:
    told = rates(frame(counted), ON)
    lines = [told["all"], *(line for each in told["by"].values() for line in each)]
    for line in lines:
        known = [line[name] for name in ("delivered", *OUTCOMES) if line[name]]
        assert all(count >= SMALLEST for count in known)
    whole = [line["delivered"] for line in lines if line["delivered"]]
    for one, other in combinations(sorted(whole), 2):
        if one != other and told["all"]["delivered"] == other:
            assert other - one >= SMALLEST
