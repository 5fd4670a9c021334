"""What many together made of each item: how often it was shown and taken, how it was rated.

Of those who let statistics be made of it; and only where ten people stand behind a number, and as many
behind what it leaves out. Numbers are told in whole tens, so that one person more or less changes none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import polars as pl
from sqlalchemy import Connection

from catalog.catalogue import Catalogue
from models.feedback.chance import Exposure
from models.feedback.quality import RatingCount
from privacy.aggregates import SMALLEST, in_tens
from records.counted import counted_pages

TAKEN: Final = ("click", "start", "submit", "complete")
_COUNTS: Final = ("shown", "taken", "people", "takers")


@dataclass(frozen=True, slots=True)
class ItemFeedback:
    """Exposures by item, and ratings by item, score and month; what is not told is not in them."""

    exposures: dict[str, Exposure]
    ratings: tuple[RatingCount, ...]


def item_feedback(
    connection: Connection, catalogue: Catalogue, since: dt.datetime, at: dt.datetime
) -> ItemFeedback:
    """What was shown and taken since an (aware) instant, and all ratings, by consents as of another."""
    shown, rated = [_no_exposures()], [pl.DataFrame(schema=_RATED)]
    for page in counted_pages(connection, catalogue, at, since):
        shown.append(_shown(page.interactions.filter(pl.col("at") >= since)))
        rated.append(page.ratings.select(list(_RATED)))
    return ItemFeedback(dict(_exposures(pl.concat(shown))), tuple(_rating_counts(pl.concat(rated))))


_RATED: Final = {
    "subject": pl.String(),
    "item": pl.String(),
    "score": pl.Int64(),
    "at": pl.Datetime("us", "UTC"),
}


def _no_exposures() -> pl.DataFrame:
    return pl.DataFrame(schema={"item": pl.String(), **dict.fromkeys(_COUNTS, pl.Int64())})


def _shown(acts: pl.DataFrame) -> pl.DataFrame:
    """item; slates it was shown on, slates of these it was taken on; people it was shown to, takers."""
    on_slates = acts.filter(pl.col("slate").is_not_null(), pl.col("item").is_not_null())
    each = on_slates.group_by("item", "slate", "subject").agg(
        (pl.col("kind") == "impression").any().alias("shown"),
        pl.col("kind").is_in(TAKEN).any().alias("taken"),
    )
    seen = each.filter("shown")
    who, took = pl.col("subject"), pl.col("taken")
    counted = seen.group_by("item").agg(
        pl.len().alias("shown"),
        took.sum().alias("taken"),
        who.n_unique().alias("people"),
        who.filter(took).n_unique().alias("takers"),
    )
    return counted.select("item", *(pl.col(name).cast(pl.Int64) for name in _COUNTS))


def _exposures(counted: pl.DataFrame) -> Iterator[tuple[str, Exposure]]:
    """No subject is on two pages, so people add up like slates do."""
    for item, shown, taken, people, takers in counted.group_by("item").sum().sort("item").iter_rows():
        if people < SMALLEST:
            continue
        told = takers >= SMALLEST and people - takers >= SMALLEST
        yield item, Exposure(in_tens(shown), in_tens(taken) if told else None)


def _rating_counts(rated: pl.DataFrame) -> Iterator[RatingCount]:
    """The last word of each person on each item, the first so many whole tens of them."""
    last = rated.sort("at", "score").unique(["subject", "item"], keep="last", maintain_order=True)
    ordered = last.sort("item", "at", "subject").with_columns(
        pl.int_range(pl.len()).over("item").alias("place"), pl.len().over("item").alias("people")
    )
    told = ordered.filter(pl.col("place") < pl.col("people") // SMALLEST * SMALLEST)
    month = pl.col("at").dt.month_start().dt.date()
    counted = told.group_by("item", "score", month.alias("month")).len().sort("item", "month", "score")
    for item, score, of, count in counted.iter_rows():
        yield RatingCount(item, score, of, count)
