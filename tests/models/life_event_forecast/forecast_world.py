"""A small made-up world whose true probabilities are known, in the shape of masked records."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

from catalog.vocabulary import Names, SubjectKind
from features.schema import MaskedRecordTables
from models.life_event_forecast.labels import EventLabel, ForecastLabels, Matter

WORDS = {"cs-passport": "办护照", "cs-plate": "车牌"}
NAMES = {"cs-passport": Names(zh="护照", en="passport"), "cs-plate": Names(zh="车牌", en="number plate")}
START = dt.date(2024, 1, 1)
MONTHS = 26
LABELS = ForecastLabels(
    horizons_days=(30, 90, 180),
    never_forecast=(Matter(Names(zh="贫困", en="poverty"), ("le-hardship",), ("cs-aid",)),),
    labels=(
        EventLabel(event="le-trip", cases=("cs-passport",), reporting_delay_days=5, washout_days=60),
        EventLabel(event="le-car", cases=("cs-plate",), reporting_delay_days=5, washout_days=60),
    ),
)
OPENED = {
    "id": pl.String,
    "scope_item": pl.String,
    "item": pl.String,
    "cycle": pl.String,
    "status": pl.String,
    "channel": pl.String,
    "opened_at": pl.Datetime("us", "UTC"),
    "closed_at": pl.Datetime("us", "UTC"),
}
DONE = {
    "subject": pl.String,
    "scope_item": pl.String,
    "item": pl.String,
    "query": pl.String,
    "kind": pl.String,
    "at": pl.Datetime("us", "UTC"),
}
EVIDENCE = {
    "id": pl.String,
    "scope_item": pl.String,
    "type": pl.String,
    "valid_from": pl.Date,
    "valid_to": pl.Date,
    "source": pl.String,
}


def noon(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(4), dt.UTC)


def masked(
    subjects: list[str],
    cases: list[tuple[str, str, dt.datetime, str]] = [],  # noqa: B006 - never changed
    done: list[tuple[str, str | None, str, dt.datetime]] = [],  # noqa: B006
    evidence: list[tuple[str, str, dt.date | None, dt.date | None]] = [],  # noqa: B006
    unobserved: frozenset[str] = frozenset(),
) -> MaskedRecordTables:
    """Masked tables from (subject, item, opened, status), (subject, item or words, kind, at), papers."""
    return MaskedRecordTables(
        kind=SubjectKind.CITIZEN,
        purpose="train",
        scope_items=pl.DataFrame(
            {"id": subjects, "scope": ["self"] * len(subjects), "owner": subjects},
            schema={"id": pl.String, "scope": pl.String, "owner": pl.String},
        ),
        evidence=pl.DataFrame(
            [(f"e{i}", s, t, a, b, "authority") for i, (s, t, a, b) in enumerate(evidence)],
            schema=EVIDENCE,
            orient="row",
        ),
        cases=pl.DataFrame(
            [
                (f"c{i}", s, item, "once", status, None, at, at + dt.timedelta(days=3))
                for i, (s, item, at, status) in enumerate(cases)
            ],
            schema=OPENED,
            orient="row",
        ),
        interactions=pl.DataFrame(
            [
                # What is searched for in words is not yet an item.
                (s, None, None if kind == "search" else item, item if kind == "search" else None, kind, at)
                for s, item, kind, at in done
                if s not in unobserved
            ],
            schema=DONE,
            orient="row",
        ),
        relations=pl.DataFrame(),
        observed=pl.DataFrame(
            {"subject": subjects, "interactions": [s not in unobserved for s in subjects]},
            schema={"subject": pl.String, "interactions": pl.Boolean},
        ),
    )


def unfolding(seed: int, people: int = 1500) -> tuple[MaskedRecordTables, pl.DataFrame]:
    """Lives in which travellers search before they travel; and their traits (subject, young)."""
    rng = np.random.default_rng(seed)
    subjects = [f"s{i:05d}" for i in range(people)]
    young = rng.random(people) < 0.5
    cases: list[tuple[str, str, dt.datetime, str]] = []
    done: list[tuple[str, str | None, str, dt.datetime]] = []
    for month in range(MONTHS):
        first = START + dt.timedelta(days=round(30.4375 * month))
        trip = rng.random(people) < np.where(young, 0.05, 0.01)
        car = rng.random(people) < 0.01
        for happens, item in ((trip, "cs-passport"), (car, "cs-plate")):
            for i in np.flatnonzero(happens):
                day = first + dt.timedelta(days=int(rng.integers(0, 28)))
                cases.append((subjects[i], item, noon(day), "succeeded"))
                if rng.random() < 0.7:
                    looked = day - dt.timedelta(days=int(rng.integers(1, 25)))
                    done.append((subjects[i], WORDS[item], "search", noon(looked)))
        for i in np.flatnonzero(rng.random(people) < 0.05):
            day = first + dt.timedelta(days=int(rng.integers(0, 28)))
            done.append((subjects[i], "cs-plate", "view", noon(day)))
    traits = pl.DataFrame({"subject": subjects, "young": np.where(young, "true", "false")})
    return masked(subjects, cases, done), traits
