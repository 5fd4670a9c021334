"""The log of shown pages as numbers: which item stood where, how probably, and whether it was taken."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from features.schema import MaskedRecordTables
from features.statements import end_of
from models.off_policy.totals import Floats, Ints

MOST_PLACES: Final = 10
"""Places of a page that are judged; too few people get farther."""
TAKEN: Final = ("click", "start", "submit", "complete")
LEAST_SLATES: Final = 50


class NothingLogged(ValueError):
    """The log holds too few pages to judge by; says how many."""


@dataclass(frozen=True, slots=True)
class SlateLog:
    """Rows of slates, in the order slate, place."""

    frame: pl.DataFrame
    """subject, slate, item, at: what each row is, for features and scores."""
    slate: Ints
    position: Ints
    propensity: Floats
    click: Floats
    cluster: Ints
    """(slates,) the number of each slate's subject."""

    @property
    def slates(self) -> int:
        """How many pages there are."""
        return len(self.cluster)


def slate_log(records: MaskedRecordTables, after: dt.date, until: dt.date) -> SlateLog:
    """The pages shown after one day's end and up to another's, as far as the mask shows them.

    Raises NothingLogged below a least number of pages.
    """
    told = records.interactions.filter(
        (pl.col("at") > end_of(after)) & (pl.col("at") <= end_of(until)) & pl.col("slate").is_not_null()
    )
    key = ("slate", "scope_item", "item")
    taken = told.filter(pl.col("kind").is_in(TAKEN)).select(key).unique()
    shown = told.filter(
        (pl.col("kind") == "impression")
        & pl.col("propensity").is_not_null()
        & pl.col("item").is_not_null()
        & pl.col("position").is_between(1, MOST_PLACES)
    ).unique(["slate", "position"], keep="first", maintain_order=True)
    rows = (
        shown.join(taken.with_columns(click=pl.lit(1.0)), on=key, how="left")
        .with_columns(pl.col("click").fill_null(0.0))
        .sort("slate", "position")
    )
    slates = rows.select("slate", "subject").unique("slate", maintain_order=True)
    if slates.height < LEAST_SLATES:
        raise NothingLogged(
            f"{slates.height} page(s) were logged from {after} to {until} of those who let training "
            f"see it; {LEAST_SLATES} are needed"
        )
    number = rows["slate"].rle_id().to_numpy().astype(np.int64)
    owners = slates["subject"].unique().sort()
    places = pl.DataFrame({"subject": owners}).with_row_index("n")
    cluster = slates.join(places, on="subject", how="left", maintain_order="left")["n"]
    return SlateLog(
        rows.select("subject", "slate", "item", "at"),
        number,
        rows["position"].to_numpy().astype(np.int64),
        rows["propensity"].to_numpy().astype(np.float64),
        rows["click"].to_numpy().astype(np.float64),
        cluster.to_numpy().astype(np.int64),
    )
