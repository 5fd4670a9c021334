"""The page an off-policy evaluation leaves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from catalog.vocabulary import SubjectKind
from models.off_policy.totals import Estimated
from pipelines.evaluate.intervals import Estimate
from pipelines.evaluate.plots import bars

FOLDER = Path(__file__).parent


def html_report(
    judged: Sequence[Any], left_out: Mapping[SubjectKind, str], on: dt.date, *, synthetic: bool
) -> str:
    """The whole page; it loads nothing from anywhere."""
    pages = Environment(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined)
    plots = {}
    for one in judged:
        rows = [(f"{name} · IPS", _bar(plain)) for name, (plain, _) in one.orders.items()]
        rows += [(f"{name} · DR", _bar(more.estimates["dr"])) for name, (_, more) in one.orders.items()]
        plots[one.kind] = bars(sorted(rows), "clicks a page", "")
    return pages.get_template("report.html").render(
        judged=judged, left_out=left_out, on=on, synthetic=synthetic, plots=plots
    )


def _bar(found: Estimated) -> Estimate:
    return Estimate(found.value, found.error, found.low, found.high, found.clusters)
