"""The plots of a report, as PNG inside the page. Their words are English: no Chinese font may be there."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from typing import Any

from models.logit.calibration import Reliability
from pipelines.evaluate.intervals import Estimate

Bar = tuple[str, Estimate]
BLUE, GREY = "#1f5f9e", "#8a8f98"


def bars(rows: Sequence[Bar], title: str, first: str) -> str:
    """Means with their intervals, one bar a row; the row called `first` stands out."""
    figure, axes = _axes(0.34 * len(rows) + 1.1)
    for at, (name, found) in enumerate(reversed(rows)):
        colour = BLUE if name == first else GREY
        axes.barh(at, found.mean, color=colour, height=0.62)
        axes.errorbar(
            found.mean,
            at,
            xerr=[[max(found.mean - found.low, 0.0)], [max(found.high - found.mean, 0.0)]],
            color="black",
            capsize=3,
            linewidth=1,
        )
    axes.set_yticks(range(len(rows)), [name for name, _ in reversed(rows)])
    axes.set_title(title, fontsize=10)
    low = min(found.low for _, found in rows)
    if low > 0.6:  # scores that are all near one would look alike from zero
        axes.set_xlim(left=low - 0.1 * (1 - low))
    return _png(figure)


def reliability_plot(found: Mapping[str, Reliability]) -> str:
    """What was said against what happened, one line each."""
    figure, axes = _axes(4.2, width=4.6)
    top = 0.0
    for name, one in found.items():
        said = [bin_.mean_probability for bin_ in one.bins]
        happened = [bin_.share_happened for bin_ in one.bins]
        axes.plot(said, happened, marker="o", markersize=3, linewidth=1, label=name)
        top = max(top, *said, *happened)
    axes.plot([0, top], [0, top], color=GREY, linestyle=":", linewidth=1)
    axes.set_xlabel("said")
    axes.set_ylabel("happened")
    axes.legend(fontsize=7)
    return _png(figure)


def _axes(height: float, width: float = 7.0) -> tuple[Any, Any]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)
    return figure, axes


def _png(figure: Any) -> str:
    """The figure as a data address."""
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=110)
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()
