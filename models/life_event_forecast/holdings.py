"""Papers held and services obtained, as indicators: what a subject's records say beyond attributes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from features.schema import MaskedProfile, MaskedRecordTables
from models.life_event_forecast.signals import day_end

LOOK_BACK = dt.timedelta(days=730)


@dataclass(frozen=True, slots=True)
class Holdings:
    """The holdings that have an indicator, `holds=<evidence type>` and `obtained=<item>`."""

    names: tuple[str, ...]

    def encode(self, days: pl.DataFrame, records: MaskedRecordTables) -> sparse.csr_array:
        """(rows, names) of ones for each row of `subject, landmark`."""
        rows = days.with_row_index("__row")
        place = pl.DataFrame(
            {"name": list(self.names), "place": range(len(self.names))},
            schema={"name": pl.String, "place": pl.Int32},
        )
        found = [
            part.join(place, on="name").select("__row", "place").unique()
            for day in rows["landmark"].unique().sort()
            if len(part := _held(rows.filter(pl.col("landmark") == day), records, day))
        ]
        cells = pl.concat(found) if found else pl.DataFrame(schema={"__row": pl.UInt32, "place": pl.Int32})
        at = (cells["__row"].to_numpy(), cells["place"].to_numpy())
        return sparse.csr_array((np.ones(len(cells), np.float32), at), shape=(len(days), len(self.names)))

    def encode_one(self, profile: MaskedProfile, on: dt.date) -> npt.NDArray[np.int32]:
        """The indicators that are one for a single subject, ascending."""
        end = day_end(on)
        own = {
            f"holds={paper.type}"
            for item in profile.scope_items
            for paper in item.evidence
            if (paper.valid_from or dt.date.min) <= on <= (paper.valid_to or dt.date.max)
        }
        own |= {
            f"obtained={case.item}"
            for item in profile.scope_items
            for case in item.cases
            if case.status == "succeeded"
            and case.closed_at is not None
            and end - LOOK_BACK <= case.closed_at < end
        }
        return np.asarray([at for at, name in enumerate(self.names) if name in own], dtype=np.int32)


def fit_holdings(
    days: pl.DataFrame, records: MaskedRecordTables, left_out: Collection[str], *, least: int = 20
) -> Holdings:
    """Holdings of at least so many subjects on some landmark; services `left_out` tell nothing."""
    if days.is_empty():
        return Holdings(())
    latest = days["landmark"].max()
    assert isinstance(latest, dt.date)  # noqa: S101 - a column of dates
    held = _held(days.filter(pl.col("landmark") == latest).with_row_index("__row"), records, latest)
    counts = held.unique().group_by("name").len().filter(pl.col("len") >= least)
    excluded = {f"obtained={item}" for item in left_out}
    return Holdings(tuple(sorted(set(counts["name"].to_list()) - excluded)))


def _held(rows: pl.DataFrame, records: MaskedRecordTables, day: dt.date) -> pl.DataFrame:
    """__row, name: what the subjects of these rows hold on a day."""
    end = day_end(day)
    owners = records.scope_items.select(pl.col("id").alias("scope_item"), pl.col("owner").alias("subject"))
    papers = records.evidence.filter(
        pl.col("valid_from").fill_null(dt.date.min) <= day, pl.col("valid_to").fill_null(dt.date.max) >= day
    ).select("scope_item", name=pl.lit("holds=") + pl.col("type"))
    obtained = records.cases.filter(
        pl.col("status") == "succeeded", pl.col("closed_at") < end, pl.col("closed_at") >= end - LOOK_BACK
    ).select("scope_item", name=pl.lit("obtained=") + pl.col("item"))
    both = pl.concat([papers, obtained]).join(owners, on="scope_item").select("subject", "name").unique()
    return rows.join(both, on="subject").select("__row", "name")
