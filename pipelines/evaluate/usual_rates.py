"""The simple forecast a learned one must beat: how often each event began among like subjects of late."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from catalog.vocabulary import SubjectKind
from models.life_event_forecast.labels import ForecastLabels
from pipelines.evaluate.slices import groups_of
from pipelines.train.forecast_data import windows_of
from pipelines.train.ground import Ground
from pipelines.train.landmarks import STEP_DAYS

RATES: Final = "usual rates"
LIKE: Final = {SubjectKind.CITIZEN: ("age", "hukou"), SubjectKind.ENTERPRISE: ("age", "size")}
"""What makes two subjects alike."""
MONTHS: Final = 12
PRIOR: Final = 50.0
"""Windows' worth of the event's overall rate that each group's own is shrunk with."""
CLOSES: Final = dt.timedelta(days=120)
"""A window of 90 days, and 30 until it is on record."""


@dataclass(frozen=True, slots=True, eq=False)
class UsualRates:
    """Rates by event and group."""

    ground: Ground
    rates: pl.DataFrame
    """event, group, rate."""
    overall: pl.DataFrame
    """event, overall."""

    def of(self, windows: pl.DataFrame) -> npt.NDArray[np.float64]:
        """The rate of each window's event among subjects like its own (windows,)."""
        own = (
            _with_group(self.ground, windows)
            .join(self.rates, on=["event", "group"], how="left", maintain_order="left")
            .join(self.overall, on="event", how="left", maintain_order="left")
        )
        return own.select(pl.coalesce("rate", "overall", pl.lit(0.0)))["rate"].to_numpy()


def usual_rates(ground: Ground, labels: ForecastLabels, until: dt.date, outcome: str) -> UsualRates:
    """The rates over the year of windows that had closed, and were on record, by a day."""
    last = until - CLOSES
    days = [last - dt.timedelta(days=STEP_DAYS * i) for i in range(MONTHS)]
    records = ground.records_until(until)
    past = windows_of(ground, labels, records, until, [d for d in days if d >= ground.first_day])
    known = _with_group(ground, past.filter(pl.col(outcome).is_not_null()))
    began = pl.col(outcome).cast(pl.Float64)
    overall = known.group_by("event").agg(overall=(began.sum() + 0.5) / (pl.len() + 1.0))
    rates = (
        known.group_by("event", "group")
        .agg(began=began.sum(), windows=pl.len())
        .join(overall, on="event")
        .select(
            "event",
            "group",
            rate=(pl.col("began") + PRIOR * pl.col("overall")) / (pl.col("windows") + PRIOR),
        )
    )
    return UsualRates(ground, rates, overall)


def _with_group(ground: Ground, windows: pl.DataFrame) -> pl.DataFrame:
    """The windows with the group each subject belonged to when its window began."""
    found = []
    for day in windows["landmark"].unique().sort():
        own = windows.filter(pl.col("landmark") == day)
        groups = groups_of(ground.traits(day), own["subject"], ground.kind)
        told = [pl.col(name).fill_null("?") for name in LIKE[ground.kind] if name in groups.columns]
        group = groups.select(pl.concat_str(told, separator=" / ") if told else pl.lit("?")).to_series()
        found.append(own.with_columns(group=group))
    together = pl.concat(found) if found else windows.with_columns(group=pl.lit("?"))
    order = ["event", "subject", "landmark"]
    return windows.select(order).join(together, on=order, how="left", maintain_order="left")
