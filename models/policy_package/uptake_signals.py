"""What speaks of whether a firm would take a policy up: its own past, the policy's kind, the papers to bring.

As for the forecast, computed from tables for training and from one profile for a page, held equal by test.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from features.schema import MaskedProfile, MaskedRecordTables
from models.policy_package.policy_book import OFFER, Floats, PolicyBook

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
LOOKED: Final = ("view", "click", "search")
LOOK_DAYS = 90
PAST_DAYS = 730
BEHAVIOUR: Final = ("looked", "looked_in_category", "applied", "applied_in_category", "papers", "unobserved")
SIGNALS: Final = (*BEHAVIOUR, *OFFER)


def end_of(day: dt.date) -> dt.datetime:
    """The instant a day ends in Beijing, in UTC."""
    midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min, SHANGHAI)
    return midnight.astimezone(dt.UTC)


@dataclass(frozen=True, slots=True)
class FirmPast:
    """What may be known of one firm's past on a day: of the last quarter's looks and two years' cases."""

    looked: Mapping[str, int]
    """By policy, how often it was looked at."""
    applied: Mapping[str, int]
    """By policy, how many cases were opened."""
    held: frozenset[str]
    """Evidence types of which it holds a valid paper."""
    observed: bool
    """Whether what it looked at may be known at all."""


def past_of(profile: MaskedProfile, on: dt.date) -> FirmPast:
    """One firm's past on a day, from a masked profile."""
    end = end_of(on)
    quarter, years = dt.timedelta(days=LOOK_DAYS), dt.timedelta(days=PAST_DAYS)
    looked = Counter(
        done.item
        for done in profile.interactions
        if done.item is not None and done.kind in LOOKED and dt.timedelta() < end - done.at <= quarter
    )
    applied = Counter(
        case.item
        for item in profile.scope_items
        for case in item.cases
        if dt.timedelta() < end - case.opened_at <= years
    )
    held = {
        paper.type
        for item in profile.scope_items
        for paper in item.evidence
        if (paper.valid_from or dt.date.min) <= on <= (paper.valid_to or dt.date.max)
    }
    return FirmPast(looked, applied, frozenset(held), "interactions" not in profile.withheld)


def signals_of(past: FirmPast, book: PolicyBook) -> Floats:
    """One firm's signals (policies, signals)."""
    looked_in, applied_in = Counter[str](), Counter[str]()
    for policy in book.policies:
        looked_in[policy.category] += past.looked.get(policy.item, 0)
        applied_in[policy.category] += past.applied.get(policy.item, 0)
    behaviour = [
        (
            np.log1p(past.looked.get(policy.item, 0)),
            np.log1p(looked_in[policy.category]),
            np.log1p(past.applied.get(policy.item, 0)),
            np.log1p(applied_in[policy.category]),
            np.log1p(sum(paper not in past.held for paper in policy.papers)),
            float(not past.observed),
        )
        for policy in book.policies
    ]
    shape = (len(book.policies), len(BEHAVIOUR))
    return np.hstack([np.asarray(behaviour, dtype=np.float64).reshape(shape), book.offers()])


def signal_table(pairs: pl.DataFrame, records: MaskedRecordTables, book: PolicyBook) -> Floats:
    """The signals of each row of `subject, item, landmark` (rows, signals), in the rows' order."""
    rows = pairs.select("subject", "item", "landmark").with_row_index("__row")
    parts = [
        _of_landmark(rows.filter(pl.col("landmark") == day), records, book, day)
        for day in rows["landmark"].unique().sort()
    ]
    schema = {"__row": pl.UInt32, "item": pl.String, **dict.fromkeys(BEHAVIOUR, pl.Float64)}
    table = pl.concat(parts).sort("__row") if parts else pl.DataFrame(schema=schema)
    behaviour = table.select(pl.col(BEHAVIOUR).cast(pl.Float64)).to_numpy()
    places = table["item"].replace_strict(book.places, return_dtype=pl.Int32).to_numpy()
    return np.hstack([behaviour, book.offers()[places]])


def _of_landmark(
    rows: pl.DataFrame, records: MaskedRecordTables, book: PolicyBook, day: dt.date
) -> pl.DataFrame:
    end, own = end_of(day), book.frame()
    rows = rows.join(own, on="item")
    looked = (
        records.interactions.filter(
            pl.col("kind").is_in(LOOKED),
            pl.col("at") < end,
            pl.col("at") >= end - dt.timedelta(days=LOOK_DAYS),
        )
        .select("subject", "item")
        .join(own, on="item")
    )
    applied = (
        records.cases.filter(
            pl.col("opened_at") < end, pl.col("opened_at") >= end - dt.timedelta(days=PAST_DAYS)
        )
        .join(_owners(records), on="scope_item")
        .join(own, on="item")
    )
    by_item = looked.group_by("subject", "item").agg(looked=pl.len())
    looked_in = looked.group_by("subject", "category").agg(looked_in_category=pl.len())
    applied_for = applied.group_by("subject", "item").agg(applied=pl.len())
    applied_in = applied.group_by("subject", "category").agg(applied_in_category=pl.len())
    return (
        rows.join(by_item, on=["subject", "item"], how="left")
        .join(looked_in, on=["subject", "category"], how="left")
        .join(applied_for, on=["subject", "item"], how="left")
        .join(applied_in, on=["subject", "category"], how="left")
        .join(_papers_to_bring(rows, records, book, day), on=["subject", "item"], how="left")
        .join(records.observed.select("subject", seen="interactions"), on="subject", how="left")
        .with_columns(pl.col(name).fill_null(0).log1p() for name in BEHAVIOUR[:-1])
        .with_columns(unobserved=(~pl.col("seen").fill_null(False)).cast(pl.Float64))
        .select("__row", "item", *BEHAVIOUR)
    )


def _papers_to_bring(
    rows: pl.DataFrame, records: MaskedRecordTables, book: PolicyBook, day: dt.date
) -> pl.DataFrame:
    """subject, item, papers: evidence types the firm holds no valid paper of."""
    needed = pl.DataFrame(
        [(policy.item, paper) for policy in book.policies for paper in policy.papers],
        schema={"item": pl.String, "type": pl.String},
        orient="row",
    )
    held = (
        records.evidence.filter(
            pl.col("valid_from").fill_null(dt.date.min) <= day,
            pl.col("valid_to").fill_null(dt.date.max) >= day,
        )
        .join(_owners(records), on="scope_item")
        .select("subject", "type")
        .unique()
    )
    return (
        rows.select("subject", "item")
        .unique()
        .join(needed, on="item")
        .join(held, on=["subject", "type"], how="anti")
        .group_by("subject", "item")
        .agg(papers=pl.len())
    )


def _owners(records: MaskedRecordTables) -> pl.DataFrame:
    return records.scope_items.select(pl.col("id").alias("scope_item"), pl.col("owner").alias("subject"))
