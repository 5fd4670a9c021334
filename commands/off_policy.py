"""`qianmian evaluate --off-policy`: other orders of the pages that were shown, told from the log."""

from __future__ import annotations

import datetime as dt

from commands.catalog import compiled
from commands.console import OUT, Refusal, step, table
from pipelines.off_policy import OffPolicyReport, judge_off_policy
from records.settings import Settings


def evaluate_off_policy(settings: Settings, on: dt.date) -> None:
    """Judge from the log up to a day; ends the command when nothing could be judged."""
    with step("Judging other orders from the log") as advance:
        report = judge_off_policy(settings, compiled(settings), on, advance)
    show_off_policy(report)
    if not report.judged:
        raise Refusal("no kind of subject has enough logged pages to judge by")


def show_off_policy(report: OffPolicyReport) -> None:
    """Print clicks a page by order, with intervals, and what may not be relied on."""
    for one in report.judged:
        looks = ", ".join(f"{value:.2f}" for value in one.looked_at.relative)
        OUT.print(f"  {one.kind}: {one.pages:,} pages after {one.after}; looked at {looks}", highlight=False)
        shown = table(
            f"clicks a page · {one.kind}", "order", "IPS", "95 % interval", "DR", "95 % interval", ""
        )
        for name, (plain, others) in one.orders.items():
            robust = others.estimates["dr"]
            shown.add_row(
                name,
                f"{plain.value:.4f}",
                f"{plain.low:.4f} to {plain.high:.4f}",
                f"{robust.value:.4f}",
                f"{robust.low:.4f} to {robust.high:.4f}",
                "" if others.trusted else f"[yellow]{', '.join(others.overlap.faults)}[/]",
            )
        OUT.print(shown)
    for kind, why in report.left_out.items():
        OUT.print(f"  {kind}: [yellow]{why}[/]", highlight=False)
    OUT.print(f"  {report.page}", highlight=False)
