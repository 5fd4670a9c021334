"""What one origin says of each series in each of the weeks ahead."""

from __future__ import annotations

import datetime as dt
import math
from typing import Final

import numpy as np

from models.demand_forecast.panel import Floats, Panel

YEAR: Final = 52
SPANS: Final = (4, 13, 52)
"""Weeks over which counts are averaged."""
PART_DAYS: Final = 8
PARTS: Final = 4
"""A month has four parts of eight days, the last one shorter."""


def rows_of(panel: Panel, origin: int, horizons: int) -> Floats:
    """(series * horizons, features), the horizons of a series side by side; uses weeks up to `origin` alone.

    Raises KeyError for a week without an outlook.
    """
    outlook, counts = panel.outlooks[origin], panel.counts[:, : origin + 1]
    own = [_mean(counts, span) for span in SPANS]
    of_item = _within(panel, own[1], by_item=True)
    of_district = _within(panel, own[1], by_item=False)
    still = [*own, of_item, of_district, *(outlook.now[name] for name in sorted(outlook.now))]
    per_series = np.log1p(np.column_stack(still))
    blocks = []
    for ahead in range(1, horizons + 1):
        week = origin + ahead
        changing = [_year_before(counts, week, own[2]), *_pulse(panel, counts, week)]
        changing += [outlook.ahead[name][:, ahead - 1] for name in sorted(outlook.ahead)]
        calendar = _calendar(panel, week, ahead)
        shared = np.tile(calendar, (len(panel.series), 1))
        blocks.append(np.hstack([per_series, np.log1p(np.column_stack(changing)), shared]))
    return np.asarray(np.stack(blocks, axis=1).reshape(len(panel.series) * horizons, -1))


def seasonal_naive(panel: Panel, origin: int, horizons: int) -> Floats:
    """(series, horizons): the count of the same week a year before; without one, the mean of 4 weeks."""
    counts = panel.counts[:, : origin + 1]
    usual = _mean(counts, SPANS[0])
    weeks = [origin + ahead - YEAR for ahead in range(1, horizons + 1)]
    return np.column_stack([counts[:, week] if 0 <= week <= origin else usual for week in weeks])


def moving_average(panel: Panel, origin: int, horizons: int, span: int = 13) -> Floats:
    """(series, horizons): the mean of the last weeks."""
    return np.tile(_mean(panel.counts[:, : origin + 1], span)[:, None], (1, horizons))


def targets_of(panel: Panel, origin: int, horizons: int) -> Floats:
    """(series, horizons): what came, NaN where a week is not counted yet."""
    out = np.full((len(panel.series), horizons), np.nan)
    there = panel.counts[:, origin + 1 : origin + 1 + horizons]
    out[:, : there.shape[1]] = there
    return out


def _mean(counts: Floats, span: int) -> Floats:
    return np.asarray(counts[:, -span:].mean(axis=1))


def _within(panel: Panel, values: Floats, *, by_item: bool) -> Floats:
    """The total over all series of the same item, or of the same district."""
    names = [one.item if by_item else one.district for one in panel.series]
    number = np.unique(names, return_inverse=True)[1]
    return np.asarray(np.bincount(number, weights=values)[number])


def _year_before(counts: Floats, week: int, usual: Floats) -> Floats:
    """Three weeks around the same one a year before, or the usual count."""
    first = week - YEAR - 1
    if first < 0 or first + 3 > counts.shape[1]:
        return usual
    return np.asarray(counts[:, first : first + 3].mean(axis=1))


def _pulse(panel: Panel, counts: Floats, week: int) -> tuple[Floats, Floats]:
    """All of an item, and of everything, in the very week a year before over its mean; 1 where not known."""
    at = week - YEAR
    if not 0 <= at < counts.shape[1]:
        return np.ones(len(counts)), np.ones(len(counts))
    around = _mean(counts[:, : at + 1], SPANS[1])
    of_item = _within(panel, counts[:, at], by_item=True) / (_within(panel, around, by_item=True) + 0.5)
    whole = float(counts[:, at].sum() / (around.sum() + 0.5))
    return of_item, np.full(len(counts), whole)


def _calendar(panel: Panel, week: int, ahead: int) -> Floats:
    """Season, part of the month (many duties are monthly), working days and distance."""
    monday = panel.monday(week)
    angle = 2 * math.pi * monday.timetuple().tm_yday / 365.25
    waves = [wave(times * angle) for times in (1, 2) for wave in (math.sin, math.cos)]
    days = [monday + dt.timedelta(days=n) for n in range(7)]
    parts = [sum((day.day - 1) // PART_DAYS == part for day in days) / 7.0 for part in range(PARTS)]
    return np.array([*waves, *parts, panel.working_days[week] / 5.0, ahead / 10.0])
