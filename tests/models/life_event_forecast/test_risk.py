"""Windows at risk against a plain reference."""

from __future__ import annotations

import datetime as dt

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.vocabulary import Names
from models.life_event_forecast.labels import EventLabel, ForecastLabels, Matter
from models.life_event_forecast.occurrences import OCCURRENCES
from models.life_event_forecast.risk import OBSERVED, risk_windows

START = dt.date(2025, 1, 1)
LABELS = ForecastLabels(
    horizons_days=(30, 90),
    never_forecast=(Matter(Names(zh="债务", en="debt"), (), ()),),
    labels=(
        EventLabel(event="a", cases=("x",), reporting_delay_days=10, washout_days=40),
        EventLabel(event="b", cases=("y",), reporting_delay_days=0, washout_days=0),
    ),
)
days = st.integers(0, 300).map(lambda n: START + dt.timedelta(days=n))
told_rows = st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("pq"), days), max_size=15)
spans = st.dictionaries(
    st.tuples(st.sampled_from("ab"), st.sampled_from("pqr")), st.tuples(days, days), max_size=6
)


def reference(
    told: list[tuple[str, str, dt.date]],
    seen: dict[tuple[str, str], tuple[dt.date, dt.date]],
    landmarks: list[dt.date],
) -> list[tuple[object, ...]]:
    """The same windows, one by one, as the words say."""
    rows: list[tuple[object, ...]] = []
    for (event, subject), (first, last) in sorted(seen.items()):
        label = next(x for x in LABELS.labels if x.event == event)
        own = sorted({day for e, s, day in told if (e, s) == (event, subject)})
        for landmark in sorted(set(landmarks)):
            if not first <= landmark <= last:
                continue
            before = [day for day in own if day <= landmark]
            if before and (landmark - before[-1]).days < label.washout_days:
                continue
            outcomes: list[bool | None] = []
            for horizon in LABELS.horizons_days:
                end = landmark + dt.timedelta(days=horizon)
                known = end + dt.timedelta(days=label.reporting_delay_days) <= last
                outcomes.append(any(landmark < day <= end for day in own) if known else None)
            if any(outcome is not None for outcome in outcomes):
                rows.append((event, subject, landmark, *outcomes))
    return rows


@settings(max_examples=200, deadline=None)
@given(told_rows, spans, st.lists(days, min_size=1, max_size=6))
def test_equals_the_plain_reference(
    told: list[tuple[str, str, dt.date]],
    seen: dict[tuple[str, str], tuple[dt.date, dt.date]],
    landmarks: list[dt.date],
) -> None:
    told_frame = pl.DataFrame(sorted(set(told)), schema=OCCURRENCES, orient="row")
    observed = pl.DataFrame([(*key, *span) for key, span in seen.items()], schema=OBSERVED, orient="row")
    made = risk_windows(LABELS, told_frame, observed, landmarks)
    assert made.rows() == reference(told, seen, landmarks)


def test_a_window_the_data_do_not_reach_the_end_of_is_unknown_even_where_the_event_is() -> None:
    told = pl.DataFrame([("b", "p", START + dt.timedelta(days=5))], schema=OCCURRENCES, orient="row")
    observed = pl.DataFrame([("b", "p", START, START + dt.timedelta(days=60))], schema=OBSERVED, orient="row")
    (row,) = risk_windows(LABELS, told, observed, [START]).rows(named=True)
    assert row["within_30"] is True
    assert row["within_90"] is None


def test_who_is_not_observed_is_not_in_the_windows_at_all() -> None:
    told = pl.DataFrame([("b", "p", START)], schema=OCCURRENCES, orient="row")
    assert risk_windows(LABELS, told, pl.DataFrame(schema=OBSERVED), [START]).is_empty()
