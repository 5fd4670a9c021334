"""The page an evaluation leaves in MLflow: figures beside baselines, calibration, groups, plots."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipelines.evaluate.intervals import Estimate
from pipelines.evaluate.judged import MODEL, Judged
from pipelines.evaluate.plots import bars, reliability_plot

FOLDER = Path(__file__).parent


def html_report(judged: Judged, on: dt.date, trained_to: dt.date, synthetic: bool, seed: int) -> str:
    """The whole page; it loads nothing from anywhere."""
    pages = Environment(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined)
    estimates = judged.estimates(seed)
    by_dimension: dict[str, list[tuple[str, Estimate]]] = {}
    for dimension, group, found in judged.slices(seed):
        by_dimension.setdefault(dimension, []).append((group, found))
    return pages.get_template("report.html").render(
        judged=judged,
        on=on,
        trained_to=trained_to,
        synthetic=synthetic,
        estimates=estimates,
        differences=judged.differences(seed),
        methods_plot=bars(list(estimates.items()), judged.measure, MODEL),
        reliability=reliability_plot(judged.reliabilities) if judged.reliabilities else None,
        slice_plots={d: bars(rows, f"{judged.measure} by {d}", "") for d, rows in by_dimension.items()},
        groups=list(judged.by_group()),
    )
