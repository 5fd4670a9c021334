"""What a subject did of late that speaks of an event: searches and views most of all.

The same numbers are computed from tables, for training, and from one profile, for a page; a property test
holds the two equal. A subject whose behaviour may not be known has the signal `unobserved`, and no zeros
that pretend that nothing was done.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import polars as pl

from catalog.catalogue import Catalogue
from features.schema import Case, Interaction, MaskedProfile, MaskedRecordTables
from models.life_event_forecast.labels import ForecastLabels
from models.life_event_forecast.query_words import QueryWords

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
SIGNALS: Final = (
    "searches_30",
    "views_30",
    "views_90",
    "steps_90",
    "recency",
    "cases_365",
    "activity_30",
    "unobserved",
    "season_cos",
    "season_sin",
)
"""Names in column order; counts are log(1 + n)."""
LOOKED = ("view", "click")
STEPPED = ("start", "submit")
RECENCY_DAYS = 14.0


@dataclass(frozen=True, slots=True)
class EventItems:
    """Which events an item, or a search in words, speaks of; and the events in order."""

    events: tuple[str, ...]
    of_item: Mapping[str, tuple[int, ...]]
    words: QueryWords

    def spoken_of(self, item: str | None, query: str | None) -> tuple[int, ...]:
        """The events that an interaction with an item, or else a search in words, speaks of."""
        if item is not None:
            return self.of_item.get(item, ())
        found = self.words.match(query) if query else ()
        return tuple(sorted({event for item in found for event in self.of_item.get(item, ())}))

    def frame(self) -> pl.DataFrame:
        """item, event."""
        rows = [(item, self.events[e]) for item, events in self.of_item.items() for e in events]
        return pl.DataFrame(rows, schema={"item": pl.String, "event": pl.String}, orient="row")

    def query_frame(self, queries: pl.Series) -> pl.DataFrame:
        """query, event: of each distinct search in words."""
        rows = [(q, self.events[e]) for q in queries.drop_nulls().unique() for e in self.spoken_of(None, q)]
        return pl.DataFrame(rows, schema={"query": pl.String, "event": pl.String}, orient="row")


def event_items(labels: ForecastLabels, catalogue: Catalogue) -> EventItems:
    """The items of each labelled event: its steps and what tells of it, less the closed list's services."""
    events = tuple(label.event for label in labels.labels)
    speaks: dict[str, list[int]] = {}
    for at, label in enumerate(labels.labels):
        steps = {step.service for stage in catalogue.events[label.event].stages for step in stage}
        for item in sorted((steps | set(label.cases)) - labels.forbidden_services):
            speaks.setdefault(item, []).append(at)
    # Searched words are matched against every item of the kind, so that a better match elsewhere wins.
    kinds = {catalogue.events[event].subject for event in events}
    names = {item.id: item.names for item in catalogue.items.values() if item.subject in kinds}
    return EventItems(events, {item: tuple(at) for item, at in sorted(speaks.items())}, QueryWords(names))


def day_end(day: dt.date) -> dt.datetime:
    """The instant a day ends in Beijing, in UTC: what happened before it is known on that day's page."""
    midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min, SHANGHAI)
    return midnight.astimezone(dt.UTC)


def signals_of(profile: MaskedProfile, items: EventItems, on: dt.date) -> npt.NDArray[np.float64]:
    """One subject's signals on a day, (events, signals)."""
    end = day_end(on)
    out = np.zeros((len(items.events), len(SIGNALS)))
    recent: dict[int, float] = {}
    activity = 0
    for done in profile.interactions:
        age = (end - done.at).total_seconds() / 86_400
        activity += 0 < age <= 30 and done.kind != "impression"
        if 0 < age <= 90:
            _count(out, done, age, items, recent)
    for event, age in recent.items():
        out[event, 4] = np.exp(-age / RECENCY_DAYS)
    _count_cases(out, (case for s in profile.scope_items for case in s.cases), items, end)
    out[:, [0, 1, 2, 3, 5]] = np.log1p(out[:, [0, 1, 2, 3, 5]])
    out[:, 6] = np.log1p(activity)
    out[:, 7] = float("interactions" in profile.withheld)
    out[:, 8:] = _season(on)
    return out


def _count(
    out: npt.NDArray[np.float64],
    done: Interaction,
    age: float,
    items: EventItems,
    recent: dict[int, float],
) -> None:
    column = _column(done.kind, age)
    if column is None:
        return
    for event in items.spoken_of(done.item, done.query):
        out[event, column] += 1
        recent[event] = min(age, recent.get(event, age))


def _column(kind: str, age: float) -> int | None:
    """The signal an interaction counts towards."""
    if kind == "search":
        return 0 if age <= 30 else 2
    if kind in LOOKED:
        return 1 if age <= 30 else 2
    return 3 if kind in STEPPED else None


def _count_cases(
    out: npt.NDArray[np.float64], cases: Iterable[Case], items: EventItems, end: dt.datetime
) -> None:
    for case in cases:
        if 0 < (end - case.opened_at).total_seconds() <= 365 * 86_400:
            for event in items.of_item.get(case.item, ()):
                out[event, 5] += 1


def _season(day: dt.date) -> tuple[float, float]:
    angle = 2 * np.pi * day.timetuple().tm_yday / 365.25
    return (float(np.cos(angle)), float(np.sin(angle)))


def signal_table(
    windows: pl.DataFrame, records: MaskedRecordTables, items: EventItems
) -> npt.NDArray[np.float64]:
    """The signals of every row of `event, subject, landmark`, (rows, signals), in the rows' order."""
    rows = windows.select("event", "subject", "landmark").with_row_index("__row")
    parts = [
        _of_landmark(rows.filter(pl.col("landmark") == day), records, items, day)
        for day in rows["landmark"].unique().sort()
    ]
    table = pl.concat(parts).sort("__row").select(SIGNALS) if parts else pl.DataFrame(schema=SIGNALS)
    return np.asarray(table.cast(pl.Float64).to_numpy(), dtype=np.float64)


def _of_landmark(
    rows: pl.DataFrame, records: MaskedRecordTables, items: EventItems, day: dt.date
) -> pl.DataFrame:
    end = day_end(day)
    age = (pl.lit(end) - pl.col("at")).dt.total_microseconds() / 86_400e6
    recent = (
        records.interactions.with_columns(age=age)
        .filter(pl.col("age") > 0, pl.col("age") <= 90, pl.col("kind") != "impression")
        .select("subject", "item", "query", "kind", "age")
    )
    activity = recent.filter(pl.col("age") <= 30).group_by("subject").agg(pl.len().alias("activity_30"))
    cos, sin = _season(day)
    counted = ("searches_30", "views_30", "views_90", "steps_90", "cases_365", "activity_30")
    return (
        rows.join(_interaction_counts(recent, items), on=["subject", "event"], how="left")
        .join(_case_counts(records, items, end), on=["subject", "event"], how="left")
        .join(activity, on="subject", how="left")
        .join(records.observed.select("subject", seen="interactions"), on="subject", how="left")
        .with_columns(pl.col(name).fill_null(0).log1p() for name in counted)
        .with_columns(
            recency=(-pl.col("last_age") / RECENCY_DAYS).exp().fill_null(0.0),
            unobserved=(~pl.col("seen").fill_null(False)).cast(pl.Float64),
            season_cos=pl.lit(cos),
            season_sin=pl.lit(sin),
        )
        .select("__row", *SIGNALS)
    )


def _interaction_counts(recent: pl.DataFrame, items: EventItems) -> pl.DataFrame:
    kind, age = pl.col("kind"), pl.col("age")
    looked, stepped = kind.is_in(LOOKED), kind.is_in(STEPPED)
    searched = kind == "search"
    told = recent.filter(looked | stepped | searched)
    of_items = told.join(items.frame(), on="item")
    in_words = told.filter(pl.col("item").is_null())
    of_words = in_words.join(items.query_frame(in_words["query"]), on="query")
    return (
        pl.concat([of_items, of_words.select(of_items.columns)])
        .group_by("subject", "event")
        .agg(
            searches_30=(searched & (age <= 30)).sum(),
            views_30=(looked & (age <= 30)).sum(),
            views_90=((looked | searched) & (age > 30)).sum(),
            steps_90=stepped.sum(),
            last_age=age.min(),
        )
    )


def _case_counts(records: MaskedRecordTables, items: EventItems, end: dt.datetime) -> pl.DataFrame:
    owners = records.scope_items.select(pl.col("id").alias("scope_item"), pl.col("owner").alias("subject"))
    year = dt.timedelta(days=365)
    return (
        records.cases.filter(pl.col("opened_at") < end, pl.col("opened_at") >= end - year)
        .join(owners, on="scope_item")
        .join(items.frame(), on="item")
        .group_by("subject", "event")
        .agg(cases_365=pl.len())
    )
