"""The step `demand`: expected cases by week for halls and services, with intervals and a back-test."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from catalog.catalogue import Catalogue
from catalog.vocabulary import SubjectKind
from models.demand_forecast.backtest import Score, rolled, scores
from models.demand_forecast.forecaster import TooShort, fit_demand
from models.demand_forecast.levels import Level
from models.standing.working_days import published_calendar
from pipelines.demand.counts import applications, panel_of
from pipelines.demand.held import Held, read_held
from pipelines.demand.plan import office_shares, plan_of, without_small_cells
from pipelines.demand.report import html_report
from records.settings import Settings

Progress = Callable[[str, float], None]
HORIZONS: Final = 8
"""Weeks ahead."""
FIRST_TOLD: Final = 4
"""Origins that are learned from before the first past forecast is made."""
SEED: Final = 1


@dataclass(frozen=True, slots=True)
class Forecast:
    """One kind of subject: the plan by level, key and week, and how past forecasts did."""

    kind: SubjectKind
    plan: pl.DataFrame
    form: str
    scale: float
    """What is counted of those who let it be counted stands for so many."""
    weeks: int
    scores: Mapping[Level, Mapping[str, Score]]


@dataclass(frozen=True, slots=True)
class DemandReport:
    """What was forecast on a day, why a kind was left out, how many rows were withheld, and the files."""

    on: dt.date
    forecasts: tuple[Forecast, ...]
    left_out: Mapping[SubjectKind, str]
    withheld: int
    files: tuple[Path, ...]


def forecast_demand(
    settings: Settings,
    catalogue: Catalogue,
    on: dt.date,
    *,
    planner: bool = False,
    progress: Progress = lambda what, share: None,
) -> DemandReport:
    """Forecast the weeks after a day from what may be counted, and write the plan and its report.

    Cells that rest on few cases are left out unless a `planner` asks, who may see them by their office.
    """
    progress("reading the records", 0.0)
    forecasts, left_out = [], {}
    for number, held in enumerate(read_held(settings, catalogue, on)):
        start = 0.1 + 0.45 * number

        def tell(share: float, kind: SubjectKind = held.kind, start: float = start) -> None:
            progress(f"counting and foreseeing {kind}s", start + 0.45 * share)

        try:
            forecasts.append(_forecast(held, tell))
        except TooShort as short:
            left_out[held.kind] = str(short)
    whole = [one.plan.with_columns(kind=pl.lit(str(one.kind))) for one in forecasts]
    plan = pl.concat(whole) if whole else pl.DataFrame()
    shown = plan if planner or plan.is_empty() else without_small_cells(plan)
    folder = settings.home / "reports" / "demand"
    synthetic = any(settings.city_path.glob("*/manifest.json"))
    files = _written(folder, on, shown, html_report(forecasts, left_out, shown, on, synthetic=synthetic))
    progress("done", 1.0)
    return DemandReport(on, tuple(forecasts), left_out, plan.height - shown.height, files)


def _forecast(held: Held, tell: Callable[[float], None]) -> Forecast:
    calendar = published_calendar()
    panel = panel_of(held, HORIZONS, calendar, lambda share: tell(0.6 * share))
    origins = sorted(panel.outlooks)
    first = min(FIRST_TOLD, len(origins) - 1)
    past = rolled(panel, origins, HORIZONS, first, SEED)
    tell(0.9)
    model = fit_demand(panel, origins, HORIZONS, SEED)
    expected = model.expected(panel, origins[-1])
    shares = office_shares(applications(held), held.catalogue)
    plan = plan_of(panel, expected, past, origins[-1], held.scale, shares)
    told = scores(past, panel) if len(past) > 3 else {}
    return Forecast(held.kind, plan, model.form, held.scale, panel.weeks, told)


def _written(folder: Path, on: dt.date, plan: pl.DataFrame, page: str) -> tuple[Path, ...]:
    folder.mkdir(parents=True, exist_ok=True)
    stem = folder / on.isoformat()
    files = [stem.with_suffix(".html")]
    files[0].write_text(page, encoding="utf8")
    if not plan.is_empty():
        files += [stem.with_suffix(".parquet"), stem.with_suffix(".csv")]
        plan.write_parquet(files[1])
        plan.write_csv(files[2])
    return tuple(files)
