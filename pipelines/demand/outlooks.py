"""What is known at the end of a week of the weeks after it: windows, invitations, events, interest."""

from __future__ import annotations

import datetime as dt
from typing import Final

import numpy as np
import polars as pl

from features.statements import end_of
from models.demand_forecast.panel import Floats, Outlook, Series
from models.eligibility.rule_book import RuleBook
from models.standing.working_days import WorkingCalendar
from pipelines.demand.held import UNKNOWN, Held
from pipelines.demand.weeks import Weeks, business_day
from pipelines.demand.windows_due import windows_known

LATELY: Final = dt.timedelta(days=28)
EVENT_SPAN: Final = dt.timedelta(days=56)
INTEREST: Final = ("view", "click", "start")
Key = tuple[str, str]


def outlook_at(
    held: Held, book: RuleBook, week: int, weeks: Weeks, horizons: int,
    series: tuple[Series, ...], calendar: WorkingCalendar,
) -> Outlook:  # fmt: skip
    """The outlook of the series at the end of a week; nothing that was recorded later is in it."""
    day = weeks.last_day(week)
    place = {(one.item, one.district): n for n, one in enumerate(series)}
    windows = windows_known(held, book, day, calendar)
    ahead = {
        "due": _ahead(windows, "due_on", week, weeks, horizons, place),
        "opening": _ahead(windows, "opens_on", week, weeks, horizons, place),
        "invited": _ahead(_invited(held, day), "visit_on", week, weeks, horizons, place),
    }
    now = {
        "open": _now(windows.filter(pl.col("opens_on") <= day), place),
        "event steps": _now(_event_steps(held, day), place),
        "interest": _now(_interest(held, day), place),
    }
    return Outlook(ahead, now)


def _ahead(
    rows: pl.DataFrame, column: str, week: int, weeks: Weeks, horizons: int, place: dict[Key, int]
) -> Floats:
    out = np.zeros((len(place), horizons))
    counted = rows.group_by("item", "district", weeks.number(pl.col(column)).alias("week")).len()
    for item, district, number, count in counted.iter_rows():
        at = place.get((item, district))
        if at is not None and 0 < number - week <= horizons:
            out[at, number - week - 1] = count
    return out


def _now(rows: pl.DataFrame, place: dict[Key, int]) -> Floats:
    out = np.zeros(len(place))
    for item, district, count in rows.group_by("item", "district").len().iter_rows():
        at = place.get((item, district))
        if at is not None:
            out[at] = count
    return out


def _placed(rows: pl.DataFrame, held: Held) -> pl.DataFrame:
    """Rows of subjects with their district."""
    districts = held.districts()
    return rows.join(districts, on="subject", how="left").with_columns(pl.col("district").fill_null(UNKNOWN))


def _invited(held: Held, day: dt.date) -> pl.DataFrame:
    """Invitations that stood at a day's end, with the day agreed on or suggested."""
    open_ = pl.col("status").is_in(["proposed", "accepted", "postponed"])
    rows = held.invitations.filter((pl.col("proposed_at") <= end_of(day)) & open_)
    return _placed(rows, held).with_columns(visit_on=pl.coalesce("agreed_on", "suggested_on"))


def _interest(held: Held, day: dt.date) -> pl.DataFrame:
    """Who looked at an item of late: a row a subject and item."""
    done = held.records.interactions.filter(
        pl.col("kind").is_in(INTEREST)
        & pl.col("item").is_not_null()
        & (pl.col("at") <= end_of(day))
        & (pl.col("at") > end_of(day) - LATELY)
    )
    return _placed(done.select("subject", "item").unique(), held)


def _event_steps(held: Held, day: dt.date) -> pl.DataFrame:
    """Steps that come next in a life or business event of which somebody finished the step before of late."""
    pairs = [
        (before.service, after.service)
        for event in held.catalogue.events.values()
        for stage, later in zip(event.stages, event.stages[1:], strict=False)
        for before in stage
        for after in later
    ]
    follows = pl.DataFrame(sorted(set(pairs)), schema={"before": pl.String, "item": pl.String}, orient="row")
    cases = held.records.cases.join(held.owners, on="scope_item")
    finished = cases.filter(
        (pl.col("status") == "succeeded")
        & (business_day("closed_at") <= day)
        & (business_day("closed_at") > day - EVENT_SPAN)
    )
    coming = finished.select("subject", pl.col("item").alias("before")).join(follows, on="before")
    begun = cases.filter(business_day("opened_at") <= day).select("subject", "item").unique()
    steps = coming.select("subject", "item").unique().join(begun, on=["subject", "item"], how="anti")
    return _placed(steps, held)
