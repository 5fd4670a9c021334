"""Weekly counts of cases by series (one public service in one district), and what is known of weeks ahead."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
WEEK = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Series:
    """One line of the panel."""

    item: str
    district: str
    authority: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is known at the end of one week of the weeks after it, by name: (series, horizons)."""

    ahead: Mapping[str, Floats]
    now: Mapping[str, Floats]
    """What is known of the present alone: (series,)."""


@dataclass(frozen=True, slots=True)
class Panel:
    """Counts (series, weeks), the Monday of the first week, working days of all weeks and those ahead."""

    series: tuple[Series, ...]
    first: dt.date
    counts: Floats
    working_days: Floats
    """(weeks + horizons,) of every week, 0 to 7."""
    outlooks: Mapping[int, Outlook]
    """By the number of a week (from 0): the outlook at its end. Only such weeks can be origins."""

    def __post_init__(self) -> None:
        """Raise ValueError for shapes that do not fit, or a first day that is no Monday."""
        wrong = []
        if self.first.weekday() != 0:
            wrong.append(f"weeks begin on Mondays, {self.first} is none")
        if self.counts.shape[0] != len(self.series):
            wrong.append(f"{len(self.series)} series have {self.counts.shape[0]} rows of counts")
        if len(self.working_days) < self.counts.shape[1]:
            wrong.append("working days are missing for some weeks")
        if (self.counts < 0).any() or not np.isfinite(self.counts).all():
            wrong.append("a count is 0 or more")
        if wrong:
            raise ValueError("; ".join(wrong))

    @property
    def weeks(self) -> int:
        """How many weeks have been counted."""
        return int(self.counts.shape[1])

    def monday(self, week: int) -> dt.date:
        """The first day of a week by its number."""
        return self.first + week * WEEK

    def known(self, week: int) -> Panel:
        """The panel as it stood at the end of a week."""
        outlooks = {at: one for at, one in self.outlooks.items() if at <= week}
        return Panel(self.series, self.first, self.counts[:, : week + 1], self.working_days, outlooks)
